-- What llmfy reads by, under llmfy's names: for a table that llmfy will look into.
ALTER TABLE `{prefix}checkpoint`
    ADD INDEX idx_thread_timestamp (session_id, timestamp),
    ADD INDEX `ix_{prefix}checkpoint_session_id` (session_id);
