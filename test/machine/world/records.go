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
