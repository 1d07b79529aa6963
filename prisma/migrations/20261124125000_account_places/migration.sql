-- Post code and switchboard support a company's name as well as the city does.
ALTER TABLE "accounts" ALTER COLUMN "showings" SET DEFAULT '{"firms":[],"places":[]}';
UPDATE "accounts" SET "showings" = jsonb_build_object('firms', "showings" -> 'firms', 'places',
  COALESCE((SELECT jsonb_agg('y:' || city) FROM jsonb_array_elements_text("showings" -> 'cities') AS city), '[]'));
