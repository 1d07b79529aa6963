/** External-id field on Lead and on Activity, unique, holding the lead's id. */
export const salesforceKey = 'Lead_Router_Id__c';
