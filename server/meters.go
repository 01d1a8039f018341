package server

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"passerelles/outbox"
)

// meters are what an administrator's alarms look at.
type meters struct {
	registry   *prometheus.Registry
	requests   *prometheus.HistogramVec
	received   *prometheus.CounterVec
	deliveries *prometheus.CounterVec
}

func newMeters() *meters {
	m := &meters{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "passerelles_request_seconds",
			Help:    "Time to answer a request, by door and status.",
			Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"door", "status"}),
		received: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "passerelles_received_total",
			Help: "Activities from other servers, by outcome and type.",
		}, []string{"outcome", "type"}),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "passerelles_deliveries_total",
			Help: "Tries to deliver an activity, by outcome.",
		}, []string{"outcome"}),
	}
	m.registry.MustRegister(m.requests, m.received, m.deliveries,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *meters) request(door string, status int, took time.Duration) {
	m.requests.WithLabelValues(door, strconv.Itoa(status)).Observe(took.Seconds())
}

// counted are the types of activities that have a counter of their own: each
// counter lives as long as the process, and whoever sends chooses the type.
var counted = []string{"Follow", "Accept", "Reject", "Undo", "Create", "Update", "Delete", "Announce", "Like",
	"EmojiReact", "Dislike", "Add", "Remove", "Block", "Flag", "Move"}

func (m *meters) activity(outcome, kind string) {
	if !slices.Contains(counted, kind) {
		kind = "other"
	}
	m.received.WithLabelValues(outcome, kind).Inc()
}

// backlog counts what waits, each time that the meters are read.
type backlog struct {
	look    func(ctx context.Context) (standing, error)
	waiting *prometheus.Desc
	oldest  *prometheus.Desc
	dead    *prometheus.Desc
	resting *prometheus.Desc
	paused  *prometheus.Desc
	swept   *prometheus.Desc
}

// standing is what the database tells of the work that is to be done.
type standing struct {
	hosts  []outbox.Backlog
	oldest time.Time // when the oldest that waits was said; zero: nothing waits
	paused bool
	swept  time.Time
	now    time.Time
}

// stand reads it.
func (s *Server) stand(ctx context.Context) (st standing, err error) {
	st.now = s.now()
	if st.hosts, err = outbox.Backlogs(ctx, s.DB); err != nil {
		return st, err
	}
	if st.oldest, err = outbox.OldestWaiting(ctx, s.DB); err != nil {
		return st, err
	}
	if _, st.paused, err = outbox.Paused(ctx, s.DB); err != nil {
		return st, err
	}
	st.swept, err = s.Directory.SweptAt(ctx)
	return st, err
}

func newBacklog(look func(ctx context.Context) (standing, error)) *backlog {
	return &backlog{
		look:    look,
		waiting: prometheus.NewDesc("passerelles_deliveries_waiting", "Deliveries that wait.", nil, nil),
		dead:    prometheus.NewDesc("passerelles_dead_letters", "Deliveries that were given up.", nil, nil),
		resting: prometheus.NewDesc("passerelles_hosts_resting", "Servers that do not answer.", nil, nil),
		oldest:  prometheus.NewDesc("passerelles_deliveries_oldest_seconds", "Age of the oldest delivery that waits.", nil, nil),
		paused:  prometheus.NewDesc("passerelles_deliveries_paused", "1 while an administrator or a restoration keeps all deliveries back.", nil, nil),
		swept:   prometheus.NewDesc("passerelles_swept_seconds", "Time since what has had its time was thrown away.", nil, nil),
	}
}

// Describe names the figures.
func (b *backlog) Describe(out chan<- *prometheus.Desc) {
	out <- b.waiting
	out <- b.dead
	out <- b.resting
	out <- b.oldest
	out <- b.paused
	out <- b.swept
}

// Collect counts. While the database is away there is nothing to tell.
func (b *backlog) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	st, err := b.look(ctx)
	if err != nil {
		return
	}
	var waiting, dead, resting, oldest, paused float64
	for _, h := range st.hosts {
		waiting += float64(h.Waiting)
		dead += float64(h.Letters)
		if h.RestingUntil != nil && h.Waiting > 0 {
			resting++
		}
	}
	if !st.oldest.IsZero() {
		oldest = st.now.Sub(st.oldest).Seconds()
	}
	if st.paused {
		paused = 1
	}
	for _, f := range []struct {
		of *prometheus.Desc
		is float64
	}{
		{b.waiting, waiting}, {b.dead, dead}, {b.resting, resting}, {b.oldest, oldest}, {b.paused, paused},
		{b.swept, st.now.Sub(st.swept).Seconds()},
	} {
		out <- prometheus.MustNewConstMetric(f.of, prometheus.GaugeValue, f.is)
	}
}
