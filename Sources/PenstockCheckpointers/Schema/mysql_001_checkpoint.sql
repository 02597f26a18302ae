-- The table of checkpoints: llmfy's columns with llmfy's types, then our own, which llmfy leaves NULL; and what we read
-- checkpoints by.
--
-- Ids are compared and ordered by their bytes. Rows lie in order of their ids: ours grow with time, so that the table grows at one end.
CREATE TABLE IF NOT EXISTS `{prefix}checkpoint` (
    checkpoint_id VARCHAR(255) NOT NULL,
    session_id VARCHAR(255) NOT NULL,
    timestamp DATETIME(3) NOT NULL,
    node_name VARCHAR(255) NOT NULL,
    step INTEGER NOT NULL,
    state LONGTEXT NOT NULL,
    next TEXT,
    epoch BIGINT,
    job_id VARCHAR(255),
    run VARCHAR(255),
    run_step INTEGER,
    metadata LONGTEXT,
    PRIMARY KEY (checkpoint_id),
    INDEX `idx_{prefix}session_step` (session_id, step)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
