import type { Authority, FieldState } from '../../../domain/crm/change';
import { repairOf, statusMeant } from '../../../domain/crm/drift';
import { toInstant, type IsoInstant } from '../../../domain/instant';

const t = (seconds: number): IsoInstant => toInstant(Date.UTC(2026, 10, 24, 9, 0, seconds));
const authority: Authority = { owner: 'crm', status: 'router' };
const state = (current: string, more: Partial<FieldState> = {}): FieldState => ({
  current,
  shown: current,
  writing: [],
  receivedAt: t(0),
  ...more,
});

it.each<[string, Parameters<typeof repairOf>[0], FieldState, ReturnType<typeof repairOf>]>([
  ['both say the same', { field: 'owner', value: 'anna', at: t(20) }, state('anna'), undefined],
  [
    'people changed it and have the last word',
    { field: 'owner', value: 'ben', at: t(20) },
    state('anna'),
    'taken',
  ],
  [
    'people changed it and have not',
    { field: 'status', value: 'qualified', at: t(20) },
    state('touched'),
    'written',
  ],
  [
    'our write was lost',
    { field: 'owner', value: 'ben', at: t(20) },
    state('anna', { shown: 'ben' }),
    'written',
  ],
  ['people set it back', { field: 'status', value: 'assigned', at: t(20) }, state('touched'), 'written'],
  [
    'ours is the newer one',
    { field: 'owner', value: 'ben', at: t(20) },
    state('anna', { since: t(30), shown: 'carl' }),
    'written',
  ],
])('where %s', (_what, theirs, ours, repair) => {
  expect(repairOf(theirs, ours, authority, t(1_000))).toBe(repair);
});

it.each([
  [['touched', 'qualified', 'converted'], state('qualified'), 'qualified'],
  [['touched', 'qualified'], state('assigned', { shown: 'qualified' }), 'qualified'],
  [['touched', 'qualified'], state('assigned'), 'touched'],
  [[], state('assigned'), undefined],
])('a word that stands for %j is read in our favour', (meanings, ours, meant) => {
  expect(statusMeant(meanings, ours)).toBe(meant);
});
