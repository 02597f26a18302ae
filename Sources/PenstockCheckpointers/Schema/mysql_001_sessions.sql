-- The tables that llmfy does not have.
CREATE TABLE IF NOT EXISTS `{prefix}session` (
    id VARCHAR(255) NOT NULL PRIMARY KEY,
    epoch BIGINT NOT NULL,
    owner VARCHAR(255) NOT NULL,
    head INTEGER NOT NULL,
    flow VARCHAR(255),
    version INTEGER,
    status VARCHAR(20),
    created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS `{prefix}job` (
    id VARCHAR(255) NOT NULL PRIMARY KEY,
    session_id VARCHAR(255) NOT NULL,
    flow VARCHAR(255) NOT NULL,
    status VARCHAR(20) NOT NULL,
    merged INTEGER NOT NULL,
    result_checkpoint_id VARCHAR(255),
    result_keys TEXT,
    error LONGTEXT,
    attempts INTEGER NOT NULL,
    worker VARCHAR(255) NOT NULL,
    created_at DATETIME(3) NOT NULL,
    updated_at DATETIME(3) NOT NULL,
    INDEX `idx_{prefix}job_session` (session_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS `{prefix}migration` (
    version INTEGER NOT NULL PRIMARY KEY,
    applied_at DATETIME(3) NOT NULL
) ENGINE = InnoDB;
