package demand

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Log counts the requests of each minute in access logs: the combined format of Apache and nginx, Caddy's JSON, and those of
// load balancers; gzip too. Lines are read one after the other, so memory does not grow with the file.
func Log(files ...string) (Series, error) {
	counts := map[int64]float64{}
	s := Series{What: "requests of " + filepath.Base(files[0]), Unit: Requests}
	if len(files) > 1 {
		s.What += fmt.Sprintf(" and %d more", len(files)-1)
	}
	for _, file := range files {
		note, err := count(file, counts)
		if err != nil {
			return Series{}, err
		}
		if note != "" {
			s.Notes = append(s.Notes, note)
		}
	}
	first, last := int64(0), int64(0)
	for minute := range counts {
		if first == 0 || minute < first {
			first = minute
		}
		last = max(last, minute)
	}
	if last-first >= Longest {
		return Series{}, fmt.Errorf("%s: from %s to %s: at most %d days are simulated", files[0],
			time.Unix(first*60, 0).UTC().Format(time.DateOnly), time.Unix(last*60, 0).UTC().Format(time.DateOnly), Longest/1440)
	}
	s.Begin, s.Values = time.Unix(first*60, 0).UTC(), make([]float64, last-first+1)
	for minute, requests := range counts {
		s.Values[minute-first] = requests / 60
	}
	return s, nil
}

// longestLine is how much of a line is looked at: an access log has its time at the beginning, Caddy's anywhere.
const longestLine = 1 << 20

func count(file string, counts map[int64]float64) (note string, err error) {
	opened, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer opened.Close()
	lines, err := unpacked(bufio.NewReaderSize(opened, 1<<20))
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	var bad faults
	var clock clock
	for number := 1; ; number++ {
		line, err := whole(lines)
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return bad.judge(file)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("%s: line %d: %w", file, number, err)
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		bad.rows++
		minute, ok := clock.minute(line)
		if !ok {
			bad.add(number, "no time in %q", line[:min(len(line), 60)])
			continue
		}
		counts[minute]++
	}
}

// unpacked is what a gzip file holds, or the file itself.
func unpacked(r *bufio.Reader) (*bufio.Reader, error) {
	if head, err := r.Peek(2); err != nil || head[0] != 0x1f || head[1] != 0x8b {
		return r, nil
	}
	unzipped, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	return bufio.NewReaderSize(unzipped, 1<<20), nil
}

// whole is the next line, or the beginning of one that does not fit.
func whole(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	kept := bytes.Clone(line[:min(len(line), longestLine)])
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = r.ReadSlice('\n')
	}
	return kept, err
}

// clock reads the times of lines. Most lines have the minute of the one before, which it remembers.
type clock struct {
	text   [32]byte
	length int
	known  int64
}

// minute is the minute since 1970 in which a request came; false for a line of no known format.
func (c *clock) minute(line []byte) (int64, bool) {
	if line[0] == '{' {
		return caddy(line)
	}
	if at := bytes.IndexByte(line, '['); at >= 0 && len(line) > at+27 && line[at+3] == '/' { // [10/Oct/2026:13:55:36 +0530]
		return c.of(line[at+1:at+18], line[at+21:at+27], "02/Jan/2006:15:04 -0700")
	}
	if at := bytes.IndexByte(line, ' '); at > 0 && len(line) > at+17 && line[at+5] == '-' { // https 2026-10-10T13:55:36.186641Z
		return c.of(line[at+1:at+17], []byte(" +0000"), "2006-01-02T15:04 -0700")
	}
	return 0, false
}

// of is the minute of a date and a zone as they stand in a line.
func (c *clock) of(date, zone []byte, layout string) (int64, bool) {
	var both [32]byte
	n := copy(both[:], date)
	n += copy(both[n:], zone)
	if n == c.length && both == c.text {
		return c.known, true
	}
	at, err := time.Parse(layout, string(both[:n]))
	if err != nil {
		return 0, false
	}
	c.text, c.length, c.known = both, n, at.Unix()/60
	return c.known, true
}

var (
	tsKey      = []byte(`"ts":`)
	requestKey = []byte(`"request":`)
)

// caddy is the minute of a line of Caddy's: its "ts" in seconds, or as text. A line without a request is not one's.
func caddy(line []byte) (int64, bool) {
	at := bytes.Index(line, tsKey)
	if at < 0 || !bytes.Contains(line, requestKey) {
		return 0, false
	}
	rest := bytes.TrimLeft(line[at+len(tsKey):], ` "`)
	end := bytes.IndexAny(rest, `,"}`)
	if end < 0 {
		return 0, false
	}
	if seconds, err := strconv.ParseFloat(string(rest[:end]), 64); err == nil && seconds > 1e8 {
		if seconds > 1e11 {
			seconds /= 1000
		}
		return int64(seconds) / 60, true
	}
	when, ok := instant(string(rest[:end]))
	return when.Unix() / 60, ok
}
