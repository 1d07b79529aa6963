-- Google sends the source's secret inside the body: blanked in what was kept so far, as new deliveries are kept without it.
UPDATE "leads" SET "raw_body" = regexp_replace("raw_body", '"google_key"\s*:\s*"([^"\\]|\\.)*"', '"google_key":""', 'g')
WHERE "source" IN (SELECT "name" FROM "sources" WHERE "kind" = 'google-ads') AND "raw_body" LIKE '%google_key%';
UPDATE "webhook_events" SET "raw_body" = regexp_replace("raw_body", '"google_key"\s*:\s*"([^"\\]|\\.)*"', '"google_key":""', 'g')
WHERE "source" IN (SELECT "name" FROM "sources" WHERE "kind" = 'google-ads') AND "raw_body" LIKE '%google_key%';
