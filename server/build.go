package server

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/departures"
	"passerelles/documents"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/history"
	"passerelles/inbox"
	"passerelles/jobs"
	"passerelles/mastodon"
	"passerelles/media"
	"passerelles/moderation"
	"passerelles/notifications"
	"passerelles/oauth"
	"passerelles/outbox"
	"passerelles/posts"
	"passerelles/push"
	"passerelles/reading"
	"passerelles/storage"
	"passerelles/streaming"
	"passerelles/timelines"
	"passerelles/web"
)

// build makes the parts from the bottom up and joins them.
func (s *Server) build(key []byte, redisURL string) (err error) {
	if s.Jobs, err = jobs.New(jobs.Options{DB: s.DB, RedisURL: redisURL, Queues: s.slots(), Now: s.now, Log: s.Log}); err != nil {
		return err
	}
	s.carriers(key)
	if err := s.pictures(key); err != nil {
		return err
	}
	if err := s.letters(key); err != nil {
		return err
	}
	if err := s.rules(key); err != nil {
		return err
	}
	if err := s.doors(); err != nil {
		return err
	}
	s.sources()
	s.meters.registry.MustRegister(newBacklog(s.stand))
	s.router = s.watch(s.routes())
	return nil
}

func (s *Server) slots() map[string]int {
	return map[string]int{
		jobs.Deliver: s.Config.Slots, jobs.DeliverSlow: s.Config.SlowSlots,
		jobs.Inbox: s.Config.InboxWorkers, jobs.InboxSlow: s.Config.InboxWorkers,
	}
}

func (s *Server) carriers(key []byte) {
	s.Hosts = access.NewHosts(s.DB, s.now)
	s.Client = federation.NewClient(federation.Options{
		Origin:        s.Config.Origin,
		UserAgent:     "Passerelles/" + Version + " (+" + s.Config.Origin + ")",
		AllowNetworks: s.Config.AllowNetworks, AllowPorts: s.Config.AllowPorts, AllowHTTP: s.Config.AllowHTTP,
		Allowed: s.allowed,
		SignAs:  s.signAsServer,
		Now:     s.now,
	})
	s.Directory = actors.New(actors.Options{
		DB: s.DB, Client: s.Client, IRIs: s.IRIs, Secret: key, Now: s.now,
		Poke:    func() { s.Jobs.Poke("host") },
		Allowed: s.allowed,
	})
	s.Courier = outbox.NewCourier(outbox.Options{
		DB: s.DB, Directory: s.Directory, Client: s.Client, Hosts: s.Hosts, Now: s.now, Log: s.Log, Poke: s.deliver,
		Counted: func(outcome string) { s.meters.deliveries.WithLabelValues(outcome).Inc() },
	})
}

// pictures shows those of other servers.
func (s *Server) pictures(secret []byte) error {
	key, err := derived(secret, "addresses of pictures")
	if err != nil {
		return fmt.Errorf("derive the key of pictures' addresses: %w", err)
	}
	s.Media = media.New(media.Options{
		DB: s.DB, Client: s.Client, Hosts: s.Hosts, Key: key, Now: s.now, Log: s.Log,
		Folder: filepath.Join(s.Config.Data, "media"), Room: s.Config.MediaRoom,
		Shelf: filepath.Join(s.Config.Data, "files"), Files: media.Limits{Size: s.Config.FileSize, Post: s.Config.FilesPerPost,
			Sum: s.Config.PostFilesSize, Member: s.Config.MemberRoom},
	})
	return nil
}

// letters go by SMTP; on a server that is tried out they are caught.
func (s *Server) letters(secret []byte) (err error) {
	key, err := derived(secret, "ends of mails")
	if err != nil {
		return fmt.Errorf("derive the key of links that end mails: %w", err)
	}
	password, err := s.Config.SMTPPassword()
	if err != nil {
		return err
	}
	s.Mails, err = notifications.NewService(notifications.Options{
		DB: s.DB, Site: s.Config.Name, Origin: s.Config.Origin, Key: key, Catch: s.Config.Localhost(),
		SMTP: notifications.SMTP{Address: s.Config.SMTPAddress, User: s.Config.SMTPUser, Password: password,
			From: s.Config.SMTPFrom, TLS: s.Config.SMTPTLS},
		Now: s.now, Log: s.Log, Poke: func() { s.Jobs.Poke("job") },
	})
	return err
}

func (s *Server) rules(secret []byte) error {
	key, err := derived(secret, "links in mails")
	if err != nil {
		return fmt.Errorf("derive the key of links in mails: %w", err)
	}
	s.Communities = communities.NewService(communities.Options{DB: s.DB, Directory: s.Directory, IRIs: s.IRIs, Now: s.now, Poke: s.deliver, Notices: s.Mails, Media: s.Media})
	s.Directory.OnGroup(s.Communities.LearnThemes)
	s.Accounts = accounts.NewService(accounts.Options{DB: s.DB, Directory: s.Directory, IRIs: s.IRIs, Now: s.now, Poke: s.deliver,
		Left: s.Communities.LeaveElsewhere, Media: s.Media, Mails: s.Mails, Key: key, Mode: s.firstMode(), Contact: s.Config.Contact,
		Ended: func(ctx context.Context, tx storage.Tx, who actors.ID) error { return s.Apps.EndAll(ctx, tx, who) }})
	s.Apps = oauth.NewService(oauth.Options{DB: s.DB, Accounts: s.Accounts, Now: s.now})
	links, err := derived(secret, "links in echoes")
	if err != nil {
		return fmt.Errorf("derive the key of links in echoes: %w", err)
	}
	s.Posts = posts.NewService(posts.Options{
		DB: s.DB, Directory: s.Directory, Communities: s.Communities, Media: s.Media, Notices: s.Mails,
		Client: s.Client, IRIs: s.IRIs, Key: links, Now: s.now, Poke: s.deliver, PostsAnHour: s.Config.PostsAnHour,
	})
	s.History = history.NewService(history.Options{
		DB: s.DB, Directory: s.Directory, Client: s.Client, Posts: s.Posts, Communities: s.Communities,
		IRIs: s.IRIs, Now: s.now, Log: s.Log,
	})
	s.Timelines = timelines.NewService(s.DB, s.Posts)
	s.Streams = streaming.New(streaming.Options{DB: s.DB, Audience: s.Timelines.Audience, Sharing: s.Timelines.Sharing,
		Listed: s.Timelines.Listing, Holds: s.Apps.Holds, Log: s.Log,
		Owns: func(ctx context.Context, member actors.ID, list int64) error {
			_, err := s.Reading.ListByID(ctx, member, list)
			return err
		}})
	if err := s.pushes(secret); err != nil {
		return err
	}
	s.Reading = reading.NewService(reading.Options{DB: s.DB, Now: s.now})
	s.Moderation = moderation.NewService(moderation.Options{DB: s.DB, Directory: s.Directory, Hosts: s.Hosts,
		Communities: s.Communities, Posts: s.Posts, Notices: s.Mails, IRIs: s.IRIs, Now: s.now, Poke: s.deliver})
	s.Departures = departures.NewService(departures.Options{
		DB: s.DB, Directory: s.Directory, Accounts: s.Accounts, Posts: s.Posts, Communities: s.Communities, Media: s.Media,
		Notices: s.Mails, IRIs: s.IRIs, Now: s.now,
		Poke: s.deliver, PokeJobs: func() { s.Jobs.Poke("job") },
	})
	return nil
}

// weeks tells apps how lively this server was.
func (s *Server) weeks(ctx context.Context, n int) ([]mastodon.Week, error) {
	all, err := s.Documents.Weeks(ctx, n)
	weeks := make([]mastodon.Week, len(all))
	for i, w := range all {
		weeks[i] = mastodon.Week(w)
	}
	return weeks, err
}

// pushes go to the push services that apps choose.
func (s *Server) pushes(secret []byte) error {
	key, err := derived(secret, "web push")
	if err != nil {
		return fmt.Errorf("derive the key of pushes: %w", err)
	}
	s.Push, err = push.New(push.Options{DB: s.DB, Key: key, Origin: s.Config.Origin, Icon: s.Config.Origin + mastodon.PlainAvatar, Do: s.Client.Do,
		Holds: s.Apps.Holds, Line: s.Mails.Line, TypeOf: mastodon.TypeOf, Now: s.now})
	if err != nil {
		return err
	}
	s.Mails.Also = s.Push.Queue
	return nil
}

// firstMode is who may sign up until an administrator sets it: whoever tries the server out.
func (s *Server) firstMode() accounts.Mode {
	if s.Config.Localhost() {
		return accounts.Open
	}
	return accounts.Closed
}

func (s *Server) doors() (err error) {
	s.Inbox = inbox.New(inbox.Options{
		DB: s.DB, Directory: s.Directory, Client: s.Client, Hosts: s.Hosts, Engine: s.Jobs,
		Accounts: s.Accounts, Communities: s.Communities, Posts: s.Posts, Moderation: s.Moderation,
		History: s.History, Courier: s.Courier, IRIs: s.IRIs,
		MaxBody: s.Config.MaxBody, Drainers: s.Config.InboxWorkers,
		MaxLag: 500 * time.Millisecond, // senders are slowed down from there on, so that 2 s are not reached
		Now:    s.now, Log: s.Log,
		Counted: func(outcome, kind string) { s.meters.activity(outcome, kind) },
		Vain:    s.refusals.vain,
	})
	s.Documents = documents.New(documents.Options{
		DB: s.DB, Directory: s.Directory, Hosts: s.Hosts, Communities: s.Communities, Posts: s.Posts, Media: s.Media,
		IRIs: s.IRIs, Now: s.now, Log: s.Log, Name: s.Config.Name, Version: Version,
		Patient: s.refusals.patient, Vain: s.refusals.vain,
	})
	asked := web.NewAsked()
	s.Mastodon = mastodon.New(mastodon.Options{
		DB: s.DB, Accounts: s.Accounts, Apps: s.Apps, Communities: s.Communities, Posts: s.Posts, Timelines: s.Timelines,
		History: s.History, Directory: s.Directory, Media: s.Media, IRIs: s.IRIs, Asked: asked, Usage: s.Documents.Usage, Weeks: s.weeks,
		Streams: s.Streams, Push: s.Push, Moderation: s.Moderation, Notices: s.Mails, Reading: s.Reading, Calls: s.Config.AppCalls,
		Name: s.Config.Name, Version: Version, Language: s.Config.Language, Now: s.now, Log: s.Log,
	})
	s.Streams.Speak(s.Mastodon)
	s.Web, err = web.New(web.Options{
		DB: s.DB, Accounts: s.Accounts, Apps: s.Apps, Asked: asked, Communities: s.Communities, Posts: s.Posts, Timelines: s.Timelines, History: s.History,
		Directory: s.Directory, Media: s.Media, Mails: s.Mails, Departures: s.Departures, Moderation: s.Moderation, Hosts: s.Hosts,
		Origin: s.Config.Origin, Name: s.Config.Name,
		Language: s.Config.Language, Secure: s.Config.Secure(), Now: s.now, Log: s.Log,
	})
	return err
}

// sources tells the engine whose rows it is to look at.
func (s *Server) sources() {
	s.Posts.Register(s.Jobs)
	s.History.Register(s.Jobs)
	s.Mails.Register(s.Jobs)
	s.Push.Register(s.Jobs)
	s.Media.Register(s.Jobs)
	s.Departures.Register(s.Jobs)
	s.Communities.Register(s.Jobs)
	s.Jobs.Add(s.Courier.Source())
	for _, source := range s.Inbox.Sources() {
		s.Jobs.Add(source)
	}
	s.Jobs.Add(jobs.Source{Kind: "host", Due: leisurely(s.Directory.DueHosts), Answer: s.Directory.LearnHost})
	s.Jobs.Add(jobs.Source{Kind: "handle", Due: leisurely(s.Directory.DueHandles), Answer: s.Directory.ConfirmHandle})
}

// leisurely rings in the low queue for each key that is due.
func leisurely(due func(context.Context, time.Time) ([]string, error)) func(context.Context, time.Time) ([]jobs.Bell, error) {
	return func(ctx context.Context, now time.Time) ([]jobs.Bell, error) {
		keys, err := due(ctx, now)
		bells := make([]jobs.Bell, 0, len(keys))
		for _, key := range keys {
			bells = append(bells, jobs.Bell{Queue: jobs.Low, Key: key})
		}
		return bells, err
	}
}

// deliver has the lanes looked at, now that something was committed to them, and told to apps.
func (s *Server) deliver() {
	s.Jobs.Poke("lane")
	s.Streams.Poke()
}

// allowed refuses servers that we do not talk to, at each hop.
func (s *Server) allowed(ctx context.Context, host string) error {
	ok, err := s.Hosts.Allowed(ctx, host)
	if err == nil && !ok {
		err = fault.New(fault.Forbidden, "we do not talk to "+host)
	}
	return err
}

// signAsServer signs what the server itself asks of others.
func (s *Server) signAsServer(ctx context.Context) (federation.PrivateKey, error) {
	application, err := s.Directory.Application(ctx)
	if err != nil {
		return federation.PrivateKey{}, err
	}
	return s.Directory.Key(ctx, application.ID)
}
