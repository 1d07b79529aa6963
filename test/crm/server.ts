/** What bin/test-crm.mjs has started. */
export const tryton = JSON.parse(process.env['TRYTON_TEST'] ?? '{}') as {
  readonly url: string;
  readonly key: string;
  readonly readOnlyKey: string;
  readonly company: number;
  readonly employees: Readonly<Record<string, number>>;
};
