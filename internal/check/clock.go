package check

import (
	"context"
	"strings"
	"time"
)

// A clock that is more than five minutes off has no signature that AWS takes (IAM User Guide, "Elements of an AWS API request
// signature"). The agent sends lines within seconds of their being written (amazon-cloudwatch-agent, force_flush_interval: 5 s).
const (
	unsigned = 5 * time.Minute
	slow     = time.Minute
)

// clock compares when the server says that its lines were written with when AWS took them: the CloudWatch agent stamps a line by the
// server's clock as it reads it, and CloudWatch Logs notes by its own when it came. A line that came before it was written tells of a
// clock that is ahead. One that came late may have been sent late: so the quickest of the last lines counts. Systems Manager says
// nothing of it: its times are AWS's own.
func clock(ctx context.Context, l *looking) ([]Result, error) {
	id, err := l.physical("Server")
	if err != nil || id == "" {
		return []Result{is(Pass, "", "there is no server yet")}, err
	}
	quickest, line, err := l.quickest(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case line.IsZero():
		return []Result{is(Unknown, id, "no line of its logs came within a day, by which its clock could be told")}, nil
	case quickest <= -unsigned:
		return []Result{is(Fail, id, "it is ahead by %s: AWS refuses what it signs", -quickest)}, nil
	case quickest < -slow:
		return []Result{is(Warn, id, "it is ahead by %s, and from %s on AWS refuses what it signs", -quickest, unsigned)}, nil
	case quickest > slow:
		return []Result{is(Warn, id, "it is behind by %s, or all its lines come so late", quickest)}, nil
	}
	return []Result{is(Pass, id, "a line of %s came within %s of its time", line.UTC().Format("2006-01-02 15:04 UTC"), quickest.Abs())}, nil
}

// quickest is how long the quickest of the newest lines of a machine took, less than nothing for one from the future, and when it came;
// the zero time without lines of the last day.
func (l *looking) quickest(ctx context.Context, id string) (time.Duration, time.Time, error) {
	var best time.Duration
	var came time.Time
	group, err := l.physical("LogGroup")
	if err != nil || group == "" {
		return 0, came, err
	}
	streams, err := l.Account.LogStreams(ctx, group)
	if err != nil {
		return 0, came, err
	}
	for _, stream := range streams {
		if !strings.HasPrefix(stream, id+"/") {
			continue
		}
		arrivals, err := l.Account.Arrivals(ctx, group, stream)
		if err != nil {
			return 0, came, err
		}
		for _, a := range arrivals {
			took := a.Taken.Sub(a.Written).Round(time.Second)
			if l.Now.Sub(a.Taken) < 24*time.Hour && (came.IsZero() || took < best) {
				best, came = took, a.Taken
			}
		}
	}
	return best, came, nil
}
