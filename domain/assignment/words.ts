import type { SkipReason } from './picker';

/** Why a member did not get a lead; completes a sentence that begins with his name. */
export const skipWords: Readonly<Record<SkipReason, string>> = {
  excluded: 'had it before',
  paused: 'paused',
  absent: 'absent',
  hour_cap: 'at the cap for the hour',
  daily_cap: 'at the cap for the day',
  week_cap: 'at the cap for the week',
  rolling_cap: 'at the cap for a stretch of time',
  open_cap: 'at the cap of open leads',
  held: 'kept for a lead that has waited longer',
  not_a_rep: 'not in the policy',
  no_hours: 'without working time for the deadlines',
  condition: 'not for leads like this one',
  skills: 'without the skills that are asked for',
  offers_spent: 'not asked, as enough others have passed on it',
  not_claimed: 'not the first to claim it',
  not_asked: 'not among those it was open to',
  other_pool: 'in another pool',
  not_his_turn: 'not next in turn',
  busier: 'with more open leads',
  fits_less: 'a lesser fit',
};
