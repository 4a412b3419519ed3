// A statement of a thousand lines takes a second of computing: it stays off the event loop that answers requests.
import { parentPort } from 'node:worker_threads';
import { PdfStatementPaper } from '../adapters/pdf-statement-paper.ts';
import { runBehindRequests } from './behind-requests.ts';
import type { FromPaperThread, ToPaperThread } from './paper-thread-messages.ts';

runBehindRequests();

const port = parentPort;
if (!port) throw new Error('the paper thread runs as a worker only');
const paper = new PdfStatementPaper();

port.on('message', ({ id, statement }: ToPaperThread) => {
  const answer = (message: FromPaperThread) => port.postMessage(message);
  paper.write(statement).then(
    (pdf) => answer({ id, pdf }),
    (error: Error) => answer({ id, failure: error.message }),
  );
});
