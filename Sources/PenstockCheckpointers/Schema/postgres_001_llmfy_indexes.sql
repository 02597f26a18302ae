-- What llmfy reads by, under llmfy's names: for a table that llmfy will look into.
CREATE INDEX idx_thread_timestamp ON "{prefix}checkpoint" (session_id, timestamp);
CREATE INDEX "ix_{prefix}checkpoint_session_id" ON "{prefix}checkpoint" (session_id);
