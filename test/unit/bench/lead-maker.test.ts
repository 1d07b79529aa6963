import { isRepeat, makeLead, repeatsBetween } from '../../../bench/lead-maker';

const leads = Array.from({ length: 1_000 }, (_, n) => makeLead(n));
const mailboxes = leads.map(({ email }) => email.toLowerCase());

test('the same number gives the same lead, and every lead is an event of its own', () => {
  expect(makeLead(123)).toEqual(leads[123]);
  expect(new Set(leads.map(({ externalId }) => externalId)).size).toBe(1_000);
});

test('one in ten is by somebody who has sent one before, all others are new', () => {
  expect(new Set(mailboxes).size).toBe(900);
  expect(repeatsBetween(0, 1_000)).toBe(100);
  leads.forEach(({ phone }, n) => {
    const earlier = leads.findIndex((lead) => lead.phone === phone);
    expect(earlier < n).toBe(isRepeat(n));
  });
});

test('repeats of any stretch are counted', () => {
  for (const [from, until] of [
    [0, 0],
    [0, 9],
    [0, 10],
    [5, 35],
    [199, 351],
  ] as const) {
    const counted = leads.slice(from, until).filter((_, index) => isRepeat(from + index)).length;
    expect(repeatsBetween(from, until)).toBe(counted);
  }
});
