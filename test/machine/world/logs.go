//go:build linux

package world

import (
	"encoding/json"

	"github.com/korakagazindia/provisioner/test/policy"
)

// logsAPI is CloudWatch Logs, as far as a machine writes to it.
var logsAPI = api{
	service: "logs",
	address: "10.77.0.20",
	target:  "Logs_20140328.",
	actions: map[string]action{"CreateLogStream": createLogStream, "PutLogEvents": putLogEvents},
	call: func(s State, action string, in input) policy.Call {
		var asked logStream
		_ = json.Unmarshal(in.json, &asked) // the action says what is wrong with it
		return s.machine().LogStream(action, asked.LogGroupName, asked.LogStreamName)
	},
}

type logStream struct{ LogGroupName, LogStreamName string }

func createLogStream(w *World, in input) (any, *failure) {
	var asked logStream
	if failed := unmarshal(in.json, &asked); failed != nil {
		return nil, failed
	}
	if !w.records.addStream(asked) {
		return nil, &failure{400, "ResourceAlreadyExistsException", "The specified log stream already exists"}
	}
	return struct{}{}, nil
}

// putLogEvents takes what was written in the last two weeks, to a stream that is there.
func putLogEvents(w *World, in input) (any, *failure) {
	var asked struct {
		logStream
		LogEvents []struct {
			Timestamp int64
			Message   string
		}
	}
	if failed := unmarshal(in.json, &asked); failed != nil {
		return nil, failed
	}
	if !w.records.hasStream(asked.logStream) {
		return nil, &failure{400, "ResourceNotFoundException", "The specified log stream does not exist."}
	}
	for _, event := range asked.LogEvents {
		if age := w.now().UnixMilli() - event.Timestamp; event.Message == "" || age < -2*3600_000 || age > 14*24*3600_000 {
			return nil, &failure{400, "InvalidParameterException", ""}
		}
	}
	return struct{}{}, nil
}
