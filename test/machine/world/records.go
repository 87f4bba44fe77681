//go:build linux

package world

import (
	"slices"
	"sync"
)

// records is what happened.
type records struct {
	mutex   sync.Mutex
	calls   []Call
	signals []Signal
	streams map[logStream]bool
}

// addStream reports whether a log's stream is new.
func (r *records) addStream(s logStream) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.streams[s] {
		return false
	}
	if r.streams == nil {
		r.streams = map[logStream]bool{}
	}
	r.streams[s] = true
	return true
}

func (r *records) hasStream(s logStream) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.streams[s]
}

func (r *records) addCall(c Call) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.calls = append(r.calls, c)
}

func (r *records) addSignal(s Signal) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.signals = append(r.signals, s)
}

func (r *records) allCalls() []Call {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return slices.Clone(r.calls)
}

func (r *records) allSignals() []Signal {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return slices.Clone(r.signals)
}
