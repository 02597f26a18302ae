-- Our columns, added to a table that llmfy made, ids compared by their bytes, and what we read checkpoints by.
ALTER TABLE `{prefix}checkpoint`
    MODIFY COLUMN checkpoint_id VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    MODIFY COLUMN session_id VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    ADD COLUMN next TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
    ADD COLUMN epoch BIGINT,
    ADD COLUMN job_id VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
    ADD COLUMN run VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
    ADD COLUMN run_step INTEGER,
    ADD COLUMN metadata LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
    ADD INDEX `idx_{prefix}session_step` (session_id, step);
