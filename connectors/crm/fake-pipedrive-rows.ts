/** Leads and deals as lists show them: with all that is there besides what matters to us, so that they are as large. */

export interface LeadShown {
  readonly id: string;
  readonly title: string;
  readonly person_id: number;
  readonly owner_id?: number | undefined;
  readonly origin_id: string;
  readonly update_time: string;
}

export interface DealShown {
  readonly id: number;
  readonly title: string;
  readonly owner_id: number;
  readonly person_id: number;
  readonly status: string;
  readonly update_time: string;
  /** Null for a deal that came from no lead. */
  readonly source_lead_id: string | null;
}

export const leadRow = (lead: LeadShown): object => ({
  creator_id: 1,
  label_ids: ['f08b42a0-4e75-11ea-9643-03698ef1cfd6', 'f08b42a1-4e75-11ea-9643-03698ef1cfd6'],
  organization_id: null,
  source_name: 'API',
  origin: 'API',
  channel: 52,
  channel_id: 'Autumn fair 2026',
  is_archived: false,
  was_seen: false,
  value: { amount: 12_500, currency: 'EUR' },
  expected_close_date: null,
  next_activity_id: 1,
  add_time: lead.update_time,
  visible_to: '3',
  cc_email: 'company+1+leadk7Yp2WqXzR4mVb9LtN0@pipedrivemail.com',
  ...lead,
});

export const dealRow = ({ source_lead_id, ...deal }: DealShown, showsLead: boolean): object => ({
  creator_user_id: 1,
  value: 12_500,
  org_id: 7,
  stage_id: 3,
  pipeline_id: 1,
  currency: 'EUR',
  archive_time: null,
  add_time: deal.update_time,
  stage_change_time: deal.update_time,
  is_archived: false,
  is_deleted: false,
  probability: 90,
  lost_reason: null,
  visible_to: 7,
  close_time: null,
  local_won_date: null,
  local_lost_date: null,
  local_close_date: null,
  expected_close_date: '2026-12-18',
  label_ids: [1, 2, 3],
  origin: 'ManuallyCreated',
  origin_id: null,
  channel: 52,
  channel_id: 'Autumn fair 2026',
  acv: 12_500,
  arr: 12_500,
  mrr: 1_041,
  custom_fields: {
    d4de1c1518b4531717c676029a45911c340390a6: { value: 2_300, currency: 'EUR' },
    '8bbfc2b4a2a4d7cb0e1d3f52a8a0c8e9f1b2d3c4': 'Two sites, both in the north, the second one from spring on',
  },
  ...deal,
  ...(showsLead ? { source_lead_id } : {}),
});
