import type { FaultCode } from '../kernel/fault.ts';
import type { WhyAnswer } from '../paths/why-answer.ts';
import type { WhyQuestion } from '../paths/why-path.ts';
import type { CostCatalog } from '../reports/cost-catalog.ts';
import type { StoreConnection } from './cost-thread-messages.ts';
import type { PriceSettings } from './price-data.ts';

/** What the thread is started with. */
export interface WhyThreadData {
  readonly database: string;
  readonly prices: PriceSettings;
}

/** A question as it crosses to the thread: a zone goes by its name. */
export interface AskedWhy {
  readonly question: Omit<WhyQuestion, 'zone' | 'signal'>;
  readonly zoneName: string;
  /** As it is now. */
  readonly catalog: CostCatalog;
}

export type ToWhyThread =
  /** The answer to `connect`; absent while the store is down. */
  | { readonly type: 'connection'; readonly connection?: StoreConnection }
  | { readonly type: 'question'; readonly id: number; readonly asked: AskedWhy }
  /** Nobody waits for the answer any more. */
  | { readonly type: 'abandon'; readonly id: number };

export type FromWhyThread =
  | { readonly type: 'connect' }
  | { readonly type: 'answer'; readonly id: number; readonly answer: WhyAnswer }
  | { readonly type: 'failed'; readonly id: number; readonly failure: WhyFailure };

/** Without a code: a bug. */
export interface WhyFailure {
  readonly code?: FaultCode;
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}
