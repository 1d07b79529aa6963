import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deliveryOf, kindOf } from '../../../api/webhooks/cases';
import type { SourceKind } from '../../../api/ports';
import type { Delivery } from '../../../api/webhooks/scheme';

export interface Recorded {
  readonly id: string;
  readonly scheme: string;
  readonly kind: 'delivery' | 'handshake';
  readonly secret: string | null;
  readonly method: string;
  readonly url?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly rawBody: string;
  readonly now: number;
  readonly valid: boolean;
  readonly why: string;
  readonly dedupe?: readonly string[];
  readonly isTest?: boolean;
  readonly expectFields?: object;
  readonly expect?: {
    readonly status: number;
    readonly body?: string;
    readonly bodyContains?: string;
    readonly contentType?: string;
    readonly json?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  };
}

/** Recorded and constructed deliveries per vendor documentation; test/fixtures/README.md says more. */
export const recorded = JSON.parse(
  readFileSync(join(__dirname, '../../fixtures/webhooks.json'), 'utf8'),
) as readonly Recorded[];

export function deliver(one: Recorded): { readonly kind: SourceKind; readonly delivery: Delivery } {
  return { kind: kindOf(one.scheme)!, delivery: deliveryOf({ ...one, url: one.url ?? '' }) };
}
