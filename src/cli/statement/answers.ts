/** What the operations of statements answer with, as far as it is printed. */
export interface StatementWire {
  readonly Number?: string;
  readonly Version?: number;
  readonly Status: string;
  readonly BillingPeriod: string;
  readonly Value: string;
  readonly Title?: string;
  readonly CostCenter?: string;
  readonly MonthAmount: string;
  readonly CorrectionsAmount: string;
  readonly TotalAmount: string;
}

export interface StatementLineWire {
  readonly Kind: string;
  readonly Text: string;
  readonly Principal?: string;
  readonly Model?: string;
  readonly TokenClass?: string;
  readonly Corrects?: string;
  readonly Tokens?: string;
  readonly NetUsdPerMillionTokens?: string;
  readonly Amount: string;
}

export interface StatementStateWire {
  readonly Status: string;
  readonly NextSteps: readonly string[];
  readonly Events: readonly {
    readonly Status: string;
    readonly Version: number;
    readonly At: string;
    readonly By: string;
    readonly Reason?: string;
  }[];
  readonly Deliveries: readonly {
    readonly Type: string;
    readonly Address: string;
    readonly Version: number;
    readonly At: string;
    readonly Status: string;
    readonly Failure?: string;
  }[];
}

export interface StatementAnswer {
  readonly Statement: StatementWire & { readonly Lines: readonly StatementLineWire[]; readonly BillAmount: string };
  readonly State: StatementStateWire;
  readonly Differences?: readonly {
    readonly Line: StatementLineWire;
    readonly BeforeAmount: string;
    readonly Amount: string;
    readonly ChangeAmount: string;
  }[];
}

export interface MonthAnswer {
  readonly BillAmount: string;
  readonly Statements: readonly StatementWire[];
  readonly Carried: readonly StatementWire[];
}

export interface DefinitionWire {
  readonly DefinitionId: string;
  readonly Name: string;
  readonly Kind: string;
  readonly Prefix: string;
  readonly Key: { readonly Type: string; readonly Key: string };
  readonly Book: string;
  readonly LatestPeriod?: string;
}
