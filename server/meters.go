package server

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
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

// gauge adds a figure that is counted when the meters are read.
func (m *meters) gauge(name, help string, count func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, count))
}
