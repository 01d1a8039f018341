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
	look    func(ctx context.Context) ([]outbox.Backlog, error)
	waiting *prometheus.Desc
	dead    *prometheus.Desc
	resting *prometheus.Desc
}

func newBacklog(look func(ctx context.Context) ([]outbox.Backlog, error)) *backlog {
	return &backlog{
		look:    look,
		waiting: prometheus.NewDesc("passerelles_deliveries_waiting", "Deliveries that wait.", nil, nil),
		dead:    prometheus.NewDesc("passerelles_dead_letters", "Deliveries that were given up.", nil, nil),
		resting: prometheus.NewDesc("passerelles_hosts_resting", "Servers that do not answer.", nil, nil),
	}
}

// Describe names the figures.
func (b *backlog) Describe(out chan<- *prometheus.Desc) {
	out <- b.waiting
	out <- b.dead
	out <- b.resting
}

// Collect counts. While the database is away there is nothing to tell.
func (b *backlog) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	hosts, err := b.look(ctx)
	if err != nil {
		return
	}
	var waiting, dead, resting float64
	for _, h := range hosts {
		waiting += float64(h.Waiting)
		dead += float64(h.Letters)
		if h.RestingUntil != nil && h.Waiting > 0 {
			resting++
		}
	}
	out <- prometheus.MustNewConstMetric(b.waiting, prometheus.GaugeValue, waiting)
	out <- prometheus.MustNewConstMetric(b.dead, prometheus.GaugeValue, dead)
	out <- prometheus.MustNewConstMetric(b.resting, prometheus.GaugeValue, resting)
}
