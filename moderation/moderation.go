// Package moderation holds what people and servers report to us.
//
// Reports are only kept so far: who may settle them comes with the roles of moderators.
package moderation

import (
	"time"

	"passerelles/actors"
	"passerelles/storage"
)

// Bounds of a report.
const (
	longestReason = 5_000 // characters
	mostAbout     = 50
)

// Report is what somebody says is wrong.
type Report struct {
	IRI    string // of the Flag
	By     actors.ID
	About  []string // IRIs of posts and people
	Reason string
	At     time.Time
}

// Service keeps reports.
type Service struct {
	db *storage.DB
}

// NewService builds the service.
func NewService(db *storage.DB) *Service { return &Service{db: db} }
