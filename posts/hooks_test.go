package posts

import (
	"context"

	"passerelles/jobs"
)

// TellPoll does what the job does that tells others how a poll stands.
func (s *Service) TellPoll(ctx context.Context, post int64) error {
	return s.tally(ctx, jobs.Job{Key: keyOf(post)})
}

// EndPoll does what the job does that ends a poll.
func (s *Service) EndPoll(ctx context.Context, post int64) error {
	return s.endPoll(ctx, jobs.Job{Key: keyOf(post)})
}

// PublishScheduled does what the job does that publishes what was written for later.
func (s *Service) PublishScheduled(ctx context.Context, id int64) error {
	return s.publishScheduled(ctx, jobs.Job{Key: keyOf(id)})
}

// Retell does what the job does that tells others how a post stands.
func (s *Service) Retell(ctx context.Context, post int64) error {
	return s.retell(ctx, jobs.Job{Key: keyOf(post)})
}
