-- The table of checkpoints: llmfy's columns with llmfy's types, then our own, which llmfy leaves NULL.
--
-- Ids are compared and ordered by their bytes, whatever the database's locale.
CREATE TABLE "{prefix}checkpoint" (
    checkpoint_id VARCHAR(255) COLLATE "C" NOT NULL,
    session_id VARCHAR(255) COLLATE "C" NOT NULL,
    timestamp TIMESTAMP(3) WITHOUT TIME ZONE NOT NULL,
    node_name VARCHAR(255) NOT NULL,
    step INTEGER NOT NULL,
    state TEXT NOT NULL,
    next TEXT,
    epoch BIGINT,
    job_id VARCHAR(255) COLLATE "C",
    run VARCHAR(255) COLLATE "C",
    run_step INTEGER,
    metadata TEXT,
    PRIMARY KEY (checkpoint_id)
);
