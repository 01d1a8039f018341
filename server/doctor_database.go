package server

import (
	"context"
	"errors"
	"fmt"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// checkDatabase opens the database, for the other checks too.
func (s *Server) checkDatabase(ctx context.Context, address string) (_ string, err error) {
	if s.DB, err = storage.Open(ctx, address, s.Config.DatabaseConns); err != nil {
		return "", fmt.Errorf("%w: see that PostgreSQL runs, and that the role and the database exist (docs/operations.md, Install)",
			fault.Cause(err))
	}
	because, err := s.DB.Durable(ctx)
	if because != "" {
		err = errors.New(because)
	}
	return "answers", err
}

// checkContent looks at what the database holds. whole says that all of it suits this
// program and these settings, so that the parts may be built on it.
func (s *Server) checkContent(ctx context.Context, redisURL string) (findings []Finding, whole bool) {
	var version int64
	schema := s.check(ctx, "schema", func(ctx context.Context) (says string, err error) {
		version, says, err = s.checkSchema(ctx)
		return says, err
	})
	if !schema.OK {
		return []Finding{schema}, false
	}
	fresh := version == 0
	if !fresh {
		var err error
		if fresh, err = actors.Fresh(ctx, s.DB); err != nil {
			return []Finding{schema, {Check: "secret", Says: err.Error()}}, false
		}
	}
	var key []byte
	secret := s.check(ctx, "secret", func(context.Context) (says string, err error) {
		key, says, err = s.checkSecret(fresh)
		return says, err
	})
	findings = []Finding{schema, secret}
	if !secret.OK || fresh || version < storage.Latest() {
		return findings, false
	}
	origin := s.check(ctx, "origin", s.checkOrigin)
	if !origin.OK {
		return append(findings, origin), false
	}
	keys := s.check(ctx, "secret", func(ctx context.Context) (string, error) { return s.checkKeys(ctx, key, redisURL) })
	findings[1] = keys
	return append(findings, origin), keys.OK
}

func (s *Server) checkSchema(ctx context.Context) (version int64, says string, err error) {
	version, err = storage.Version(ctx, s.DB)
	switch latest := storage.Latest(); {
	case err != nil:
		return version, "", err
	case version == 0:
		return version, "none yet, serve makes it", nil
	case version < latest:
		return version, fmt.Sprintf("at version %d, serve or migrate brings it to %d", version, latest), nil
	}
	return version, fmt.Sprintf("at version %d", version), storage.Suits(ctx, s.DB)
}

// checkSecret reads the secret and makes none.
func (s *Server) checkSecret(fresh bool) (key []byte, says string, err error) {
	key, found, err := readSecret(s.Config, fresh)
	if err != nil || found {
		return key, "read from " + secretPath(s.Config), err
	}
	return nil, "none yet, serve makes it: " + secretPath(s.Config), nil
}

func (s *Server) checkOrigin(ctx context.Context) (string, error) {
	origin, err := actors.Origin(ctx, s.DB)
	if err == nil && origin != s.Config.Origin {
		err = fmt.Errorf("this database belongs to %s: set origin to that, or name another database", origin)
	}
	return "that of the database", err
}

// checkKeys builds the parts, and tries the secret on the server's own keys.
func (s *Server) checkKeys(ctx context.Context, secret []byte, redisURL string) (string, error) {
	if err := s.build(secret, redisURL); err != nil {
		return "", err
	}
	application, err := s.Directory.Application(ctx)
	if err != nil {
		return "", err
	}
	if _, err := s.Directory.Key(ctx, application.ID); err != nil {
		return "", fmt.Errorf("%w: put back the secret file with which this server was first started", err)
	}
	return "opens the keys; keep a copy of it elsewhere", nil
}
