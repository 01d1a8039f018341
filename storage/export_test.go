package storage

import "time"

// SetPatience is for tests that cannot wait as long as a server.
func (db *DB) SetPatience(d time.Duration) { db.patient = d }

var InBatchesOf = inBatches

// MigrateKey is the lock of who migrates.
const MigrateKey = migrateKey

// MigrateTrying is Migrate for tests that cannot wait as long as a server.
var MigrateTrying = migrate
