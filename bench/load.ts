import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { makeLead } from './lead-maker';

/** Where leads are sent, and with which key. */
export interface Target {
  readonly url: string;
  readonly key: string;
}

/** One accepted lead. */
export interface Accepted {
  readonly leadId: string;
  /** When it was due to be sent, epoch milliseconds. */
  readonly dueAt: number;
  /** From the due instant to the end of the answer. */
  readonly acceptMs: number;
}

const Answer = z.object({ id: z.string() });
const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** Sends leads `from` up to `from + count`, `concurrency` at a time; the next one goes when an answer is there. */
export async function closedLoop(
  target: Target,
  {
    from,
    count,
    concurrency,
  }: { readonly from: number; readonly count: number; readonly concurrency: number },
): Promise<readonly Accepted[]> {
  const accepted: Accepted[] = [];
  let next = from;
  const sender = async (): Promise<void> => {
    while (next < from + count) accepted.push(await send(target, next++, Date.now(), performance.now()));
  };
  await Promise.all(Array.from({ length: concurrency }, sender));
  return accepted;
}

/**
 * Sends leads at a fixed rate whether or not earlier ones are answered. Times run from the instant a lead was due, so
 * a sender or server that stalls is not excused (no coordinated omission).
 */
export async function openLoop(
  target: Target,
  { from, count, rate }: { readonly from: number; readonly count: number; readonly rate: number },
): Promise<readonly Accepted[]> {
  const [wall, start] = [Date.now(), performance.now()];
  const sent: Promise<Accepted>[] = [];
  for (let n = 0; n < count; n++) {
    const due = (n * 1_000) / rate;
    const waitMs = start + due - performance.now();
    if (waitMs > 0) await delay(waitMs);
    const one = send(target, from + n, wall + due, start + due);
    one.catch(() => undefined); // it is heard of when all are awaited
    sent.push(one);
  }
  return Promise.all(sent);
}

async function send({ url, key }: Target, n: number, dueAt: number, due: number): Promise<Accepted> {
  const body = Buffer.from(JSON.stringify(makeLead(n)));
  const { status, text } = await post(`${url}/v1/leads`, body, { authorization: `Bearer ${key}` });
  if (status !== 202) throw new Error(`lead ${n} was answered ${status}: ${text.slice(0, 300)}`);
  return { leadId: Answer.parse(JSON.parse(text)).id, dueAt, acceptMs: performance.now() - due };
}

function post(
  url: string,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      agent,
      timeout: 30_000,
      headers: { ...headers, 'content-type': 'application/json', 'content-length': body.length },
    };
    const sent = request(url, options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer within 30 s')));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Lets go of the connections that were kept open. */
export function closeConnections(): void {
  agent.destroy();
}
