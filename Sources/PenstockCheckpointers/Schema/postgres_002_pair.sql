-- How the replicated pair stands that this store is one of: one row, or none.
CREATE TABLE IF NOT EXISTS "{prefix}pair" (
    id INTEGER NOT NULL PRIMARY KEY,
    standing VARCHAR(80) NOT NULL
);
