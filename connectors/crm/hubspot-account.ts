/** Dated API version, supported for 18 months from September 2026; every path carries it. */
export const hubspotVersion = '2026-09';
/** Our own unique property on contacts and tasks, holding the lead's id. */
export const hubspotKey = 'lead_router_id';
