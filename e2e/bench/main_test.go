package bench

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

var (
	scale    = flag.Float64("scale", 1, "size of the measures, for a quick look: 0.1 is a tenth")
	profiles = flag.String("profiles", "", "folder that receives a processor profile of the server during each measure")
)

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if path, err := program(); err == nil && built {
		_ = os.RemoveAll(filepath.Dir(path)) // a leftover in the temporary folder harms nobody
	}
	printTable()
	os.Exit(code)
}

// sized is a number of things, scaled.
func sized(n, least int) int { return max(int(float64(n)**scale), least) }

// line is one line of the table.
type line struct {
	measure, figure, wanted string
	met                     bool
	judged                  bool
}

var lines []line

// report adds a line that is judged.
func report(measure, figure, wanted string, met bool) {
	lines = append(lines, line{measure, figure, wanted, met, true})
}

// tell adds a line that nothing is wanted of.
func tell(measure, figure string) { lines = append(lines, line{measure: measure, figure: figure}) }

func printTable() {
	if len(lines) == 0 {
		return
	}
	wide := 0
	for _, l := range lines {
		wide = max(wide, len([]rune(l.measure)))
	}
	fmt.Printf("\n%s, %d processors, %s, scale %g\n", time.Now().Format("2006-01-02 15:04"), runtime.GOMAXPROCS(0), runtime.Version(), *scale)
	for _, l := range lines {
		verdict := ""
		if l.judged {
			verdict = map[bool]string{true: "met", false: "NOT MET"}[l.met]
		}
		pad := strings.Repeat(" ", wide-len([]rune(l.measure)))
		fmt.Printf("%s%s  %-62s %-24s %s\n", l.measure, pad, l.figure, l.wanted, verdict)
	}
}
