//go:build linux

package world

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/korakagazindia/provisioner/test/policy"
)

const account = "123456789012"

// ssmAPI is Systems Manager's Parameter Store, as far as a machine reads it.
var ssmAPI = api{
	service: "ssm",
	address: "10.77.0.11",
	target:  "AmazonSSM.",
	actions: map[string]action{
		"GetParameter":        getParameter,
		"GetParameters":       getParameters,
		"GetParametersByPath": getParametersByPath,
	},
	call: func(s State, action string, in input) policy.Call {
		var asked struct {
			Name, Path string
			Names      []string
		}
		_ = json.Unmarshal(in.json, &asked) // the action says what is wrong with it
		return s.machine().Parameters(action, slices.DeleteFunc(append(asked.Names, asked.Name, asked.Path), isEmpty)...)
	},
}

func isEmpty(text string) bool { return text == "" }

// parameter is one in an answer.
type parameter struct {
	ARN, Name, Type, Value string
	DataType               string
	Version                int
}

func getParameter(w *World, in input) (any, *failure) {
	var asked struct {
		Name           string
		WithDecryption bool
	}
	if failed := unmarshal(in.json, &asked); failed != nil {
		return nil, failed
	}
	found, ok := w.parameter(asked.Name, asked.WithDecryption)
	if !ok {
		return nil, &failure{400, "ParameterNotFound", ""}
	}
	return map[string]parameter{"Parameter": found}, nil
}

func getParameters(w *World, in input) (any, *failure) {
	var asked struct {
		Names          []string
		WithDecryption bool
	}
	if failed := unmarshal(in.json, &asked); failed != nil {
		return nil, failed
	}
	if n := len(asked.Names); n < 1 || n > 10 {
		return nil, outOfRange("names", "Member must have length less than or equal to 10")
	}
	answer := struct {
		InvalidParameters []string
		Parameters        []parameter
	}{[]string{}, []parameter{}}
	for _, name := range asked.Names {
		if found, ok := w.parameter(name, asked.WithDecryption); ok {
			answer.Parameters = append(answer.Parameters, found)
		} else {
			answer.InvalidParameters = append(answer.InvalidParameters, name)
		}
	}
	return answer, nil
}

// getParametersByPath gives ten at a time at most. Who may read a path may read all below it.
func getParametersByPath(w *World, in input) (any, *failure) {
	asked := struct {
		Path, NextToken           string
		Recursive, WithDecryption bool
		MaxResults                int
	}{MaxResults: 10}
	if failed := unmarshal(in.json, &asked); failed != nil {
		return nil, failed
	}
	if asked.MaxResults < 1 || asked.MaxResults > 10 {
		return nil, outOfRange("maxResults", "Member must have value less than or equal to 10")
	}
	below := strings.TrimSuffix(asked.Path, "/") + "/"
	first, err := strconv.Atoi("0" + strings.TrimPrefix(asked.NextToken, "page-"))
	if err != nil {
		return nil, &failure{400, "InvalidNextToken", "The specified token is not valid."}
	}
	answer := struct {
		Parameters []parameter
		NextToken  string `json:",omitempty"`
	}{Parameters: []parameter{}}
	names := w.namesBelow(below, asked.Recursive)
	names = names[min(first, len(names)):]
	if len(names) > asked.MaxResults {
		names = names[:asked.MaxResults]
		answer.NextToken = "page-" + strconv.Itoa(first+asked.MaxResults)
	}
	for _, name := range names {
		found, _ := w.parameter(name, asked.WithDecryption)
		answer.Parameters = append(answer.Parameters, found)
	}
	return answer, nil
}

// unmarshal reads a request. A value of another type than AWS's is an error there, so it is one here.
func unmarshal(text []byte, into any) *failure {
	if err := json.Unmarshal(text, into); err != nil {
		return &failure{400, "SerializationException", err.Error()}
	}
	return nil
}

func outOfRange(field, constraint string) *failure {
	return &failure{400, "ValidationException",
		"1 validation error detected: Value at '" + field + "' failed to satisfy constraint: " + constraint}
}

func (s State) parameterARN(name string) string {
	return "arn:aws:ssm:" + s.Metadata.Region + ":" + account + ":parameter/" + strings.TrimPrefix(name, "/")
}

// parameter finds one. A SecureString that isn't to be decrypted is told as its ciphertext.
func (w *World) parameter(name string, decrypt bool) (parameter, bool) {
	s := w.read()
	p, found := s.Parameters[name]
	answer := parameter{ARN: s.parameterARN(name), Name: name, Type: "String", Value: p.Value, DataType: "text", Version: 1}
	if p.Secure {
		answer.Type = "SecureString"
		if !decrypt {
			answer.Value = "AQICAHh" + base64.StdEncoding.EncodeToString([]byte(hash([]byte(p.Value))))
		}
	}
	return answer, found
}

// namesBelow lists the parameters below a path that ends in a slash; only its own unless recursive.
func (w *World) namesBelow(path string, recursive bool) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(w.read().Parameters)) {
		rest, below := strings.CutPrefix(name, path)
		if below && (recursive || !strings.Contains(rest, "/")) {
			names = append(names, name)
		}
	}
	return names
}
