-- A partner leaves a lead for one of two reasons. Locks the table while it is read through.
ALTER TABLE "partners" ADD CONSTRAINT "partners_left_because_check" CHECK ("left_because" IN ('declined', 'absent'));
