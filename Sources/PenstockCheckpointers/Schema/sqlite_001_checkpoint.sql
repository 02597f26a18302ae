-- The table of checkpoints: llmfy's columns with llmfy's types, then our own, which llmfy leaves NULL.
--
-- A rowid table: rows of a kilobyte and more would overflow the pages of one that is clustered by a text key. Our ids grow with
-- time, so that the key's index grows at one end.
CREATE TABLE "{prefix}checkpoint" (
    checkpoint_id VARCHAR(255) NOT NULL,
    session_id VARCHAR(255) NOT NULL,
    timestamp DATETIME NOT NULL,
    node_name VARCHAR(255) NOT NULL,
    step INTEGER NOT NULL,
    state TEXT NOT NULL,
    next TEXT,
    epoch INTEGER,
    job_id VARCHAR(255),
    run VARCHAR(255),
    run_step INTEGER,
    metadata TEXT,
    PRIMARY KEY (checkpoint_id)
);
