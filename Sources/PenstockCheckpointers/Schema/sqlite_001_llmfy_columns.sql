-- Our columns, added to a table that llmfy made.
ALTER TABLE "{prefix}checkpoint" ADD COLUMN next TEXT;
ALTER TABLE "{prefix}checkpoint" ADD COLUMN epoch INTEGER;
ALTER TABLE "{prefix}checkpoint" ADD COLUMN job_id VARCHAR(255);
ALTER TABLE "{prefix}checkpoint" ADD COLUMN run VARCHAR(255);
ALTER TABLE "{prefix}checkpoint" ADD COLUMN run_step INTEGER;
ALTER TABLE "{prefix}checkpoint" ADD COLUMN metadata TEXT;
