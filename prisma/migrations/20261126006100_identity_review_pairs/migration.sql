-- Whether two people are one is asked once. Locks the table while it is read through.
CREATE INDEX "identity_reviews_person_id_other_id_idx" ON "identity_reviews"("person_id", "other_id");
