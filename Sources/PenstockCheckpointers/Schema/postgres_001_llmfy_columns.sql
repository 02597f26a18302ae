-- Our columns, added to a table that llmfy made, and ids compared by their bytes.
ALTER TABLE "{prefix}checkpoint"
    ALTER COLUMN checkpoint_id TYPE VARCHAR(255) COLLATE "C",
    ALTER COLUMN session_id TYPE VARCHAR(255) COLLATE "C",
    ADD COLUMN next TEXT,
    ADD COLUMN epoch BIGINT,
    ADD COLUMN job_id VARCHAR(255) COLLATE "C",
    ADD COLUMN run VARCHAR(255) COLLATE "C",
    ADD COLUMN run_step INTEGER,
    ADD COLUMN metadata TEXT;
