package advise

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Look is what the weekly look at one machine found: what the machine's own script writes.
type Look struct {
	Machine string `json:"machine"`
	// Unknown is why nothing is known, "" for what follows.
	Unknown string    `json:"unknown,omitempty"`
	Apps    []Process `json:"apps"`
	Memory  struct {
		TotalMiB    int     `json:"totalMib"`
		UsedPercent float64 `json:"usedPercent"`
		SwapUsedMiB int     `json:"swapUsedMib"`
	} `json:"memory"`
	Disk struct {
		TotalGiB    float64 `json:"totalGib"`
		UsedPercent float64 `json:"usedPercent"`
	} `json:"disk"`
	// Errors are the lines of pm2's error logs that were written to in the last seven days.
	Errors struct {
		Lines int      `json:"lines"`
		Last  []string `json:"last"`
	} `json:"errors"`
	// Stand is what stands out, empty for nothing.
	Stand []string `json:"standsOut"`
}

// Process is what pm2 says of one process.
type Process struct {
	Name      string `json:"name"`
	Status    string `json:"status"`
	Restarts  int    `json:"restarts"`
	MemoryMiB int    `json:"memoryMib"`
	Revision  string `json:"revision"`
}

// The levels from which on the weekly look says that something stands out: memory as the owners' trigger has it, the disk as
// its alarm.
const (
	fullMemory = 70
	fullDisk   = 80
)

// Weekly reads what the script wrote on a machine. Anything else is unknown, never fine.
func Weekly(machine, output string) Look {
	l := Look{Machine: machine, Apps: []Process{}, Stand: []string{}}
	if err := json.Unmarshal([]byte(output), &l); err != nil || l.Memory.TotalMiB == 0 {
		return Unseen(machine, "the machine did not answer with a report")
	}
	l.Machine = machine
	if len(l.Apps) == 0 {
		l.Stand = append(l.Stand, "pm2 runs nothing")
	}
	for _, p := range l.Apps {
		if p.Status != "online" {
			l.Stand = append(l.Stand, fmt.Sprintf("%s is %s", p.Name, p.Status))
		}
		if p.Restarts > 0 {
			l.Stand = append(l.Stand, fmt.Sprintf("%s has restarted %s since it was started", p.Name, times(p.Restarts)))
		}
	}
	if l.Memory.UsedPercent > fullMemory {
		l.Stand = append(l.Stand, fmt.Sprintf("memory is at %.0f %%, over %d %%", l.Memory.UsedPercent, fullMemory))
	}
	if l.Disk.UsedPercent > fullDisk {
		l.Stand = append(l.Stand, fmt.Sprintf("the disk is at %.0f %%, over %d %%", l.Disk.UsedPercent, fullDisk))
	}
	if n := len(l.Errors.Last); l.Errors.Lines > 0 && n > 0 {
		l.Stand = append(l.Stand, fmt.Sprintf("the error logs of the last seven days have %d lines, the last: %s", l.Errors.Lines, l.Errors.Last[n-1]))
	}
	return l
}

// Unseen is the look at a machine of which nothing is known.
func Unseen(machine, why string) Look {
	return Look{Machine: machine, Unknown: why, Apps: []Process{}, Stand: []string{}}
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// words is the look in one line.
func (l Look) words() string {
	if l.Unknown != "" {
		return fmt.Sprintf("%s is unknown: %s", l.Machine, l.Unknown)
	}
	var names []string
	for _, p := range l.Apps {
		names = append(names, fmt.Sprintf("%s %s, %d MiB", p.Name, p.Status, p.MemoryMiB))
	}
	text := fmt.Sprintf("%s: %s; memory %.0f %% of %d MiB, disk %.0f %%", l.Machine, strings.Join(slices.Compact(names), "; "), l.Memory.UsedPercent,
		l.Memory.TotalMiB, l.Disk.UsedPercent)
	if len(l.Stand) == 0 {
		return text + "; nothing stands out"
	}
	return text + "; stands out: " + strings.Join(l.Stand, "; ")
}
