package bench

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/embedded"
)

var statements = flag.Bool("statements", false, "log which statements cost PostgreSQL most; this slows it")

// counting starts PostgreSQL once more, with its statistics of statements.
func (h *house) counting(services *embedded.Services) *embedded.Services {
	h.t.Helper()
	if !*statements {
		return services
	}
	h.ask(services, `ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'`)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := services.Stop(ctx); err != nil {
		h.t.Fatal(err)
	}
	services, err := embedded.Start(ctx, h.dir, embedded.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		h.t.Fatal(err)
	}
	h.ask(services, `CREATE EXTENSION pg_stat_statements`,
		`ALTER SYSTEM SET pg_stat_statements.track_planning = on`, `SELECT pg_reload_conf()`)
	return services
}

func (h *house) ask(services *embedded.Services, all ...string) {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), services.DatabaseURL)
	if err != nil {
		h.t.Fatal(err)
	}
	defer conn.Close(h.t.Context())
	for _, sql := range all {
		if _, err := conn.Exec(h.t.Context(), sql); err != nil {
			h.t.Fatal(err)
		}
	}
}

// count forgets the statements so far, and gives what logs those that follow.
func (h *house) count() (end func(n int)) {
	if !*statements {
		return func(int) {}
	}
	h.exec(`SELECT pg_stat_statements_reset()`)
	return func(n int) {
		rows, err := h.inside.DB.Query(h.t.Context(), `
			SELECT calls, plans, total_exec_time, total_plan_time, query
			FROM pg_stat_statements
			ORDER BY total_exec_time + total_plan_time DESC
			LIMIT 25`)
		if err != nil {
			h.t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var calls, plans int64
			var exec, plan float64
			var query string
			if err := rows.Scan(&calls, &plans, &exec, &plan, &query); err != nil {
				h.t.Fatal(err)
			}
			query = strings.Join(strings.Fields(query), " ")
			fmt.Printf("%7.1f µs each (planning %6.1f), %6.2f calls, %6.2f plans: %s\n", 1000*(exec+plan)/float64(n), 1000*plan/float64(n),
				float64(calls)/float64(n), float64(plans)/float64(n), query[:min(len(query), 150)])
		}
	}
}
