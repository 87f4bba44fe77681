//go:build linux

package world

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/korakagazindia/provisioner/test/policy"
)

// api is one of AWS's: JSON with the action in a header, or a form with an answer in XML.
type api struct {
	service string
	address string
	target  string // JSON: what stands before the action
	version string // form
	actions map[string]action
	// call is what IAM is asked about a request.
	call func(s State, action string, in input) policy.Call
}

// action answers one authentic request with what to write as JSON or XML.
type action func(w *World, in input) (any, *failure)

// input is a request's body: one of the two.
type input struct {
	json []byte
	form url.Values
}

// failure is an answer that AWS gives instead.
type failure struct {
	status        int
	code, message string
}

// refused is how the two kinds of API answer what verify refuses; an expired signature has no code of its own
// (terraform-provider-aws #326, aws-sdk-net #1506).
var refused = map[refusal]struct{ json, form failure }{
	unsigned:   {failure{400, "MissingAuthenticationTokenException", ""}, failure{403, "MissingAuthenticationToken", ""}},
	incomplete: {failure{400, "IncompleteSignatureException", ""}, failure{400, "IncompleteSignature", ""}},
	unknown:    {failure{400, "UnrecognizedClientException", ""}, failure{403, "InvalidClientTokenId", ""}},
	mismatch:   {failure{400, "InvalidSignatureException", ""}, failure{403, "SignatureDoesNotMatch", ""}},
}

// api serves one of AWS's APIs, to the role only.
func (w *World) api(a api) func(http.ResponseWriter, *http.Request, *Call) {
	return func(wr http.ResponseWriter, r *http.Request, call *Call) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(wr, err.Error(), http.StatusBadRequest)
			return
		}
		in := a.read(r, body, call)
		value, failed := w.act(a, r, body, in, call.Action)
		if failed != nil {
			call.Code = failed.code
		}
		a.write(wr, call.Action, value, failed)
	}
}

// act checks who asks and whether the role may, and does what is asked.
func (w *World) act(a api, r *http.Request, body []byte, in input, name string) (any, *failure) {
	state := w.read()
	if why, message := verify(r, body, state.Metadata.Region, a.service, state.Known, w.now()); why != accepted {
		failed := refused[why].form
		if a.target != "" {
			failed = refused[why].json
		}
		failed.message = message
		return nil, &failed
	}
	do, known := a.actions[name]
	switch {
	case !known && a.target != "":
		return nil, &failure{400, "UnknownOperationException", ""}
	case !known || in.form != nil && in.form.Get("Version") != a.version:
		return nil, &failure{400, "InvalidAction", "Could not find operation " + name + " for version " + in.form.Get("Version")}
	}
	if refused := state.Policy.Decide(a.call(state, name, in)); refused != nil {
		return nil, a.denied(state, refused)
	}
	return do(w, in)
}

// denied is the answer to a call that the role's policy does not allow.
func (a api) denied(s State, refused error) *failure {
	message := "User: arn:aws:sts::" + account + ":assumed-role/" + s.Metadata.Role + "/" + s.Metadata.InstanceID + " " + refused.Error()
	if a.target != "" {
		return &failure{400, "AccessDeniedException", message}
	}
	return &failure{403, "AccessDenied", message}
}

// read takes the request apart, and notes what it asks.
func (a api) read(r *http.Request, body []byte, call *Call) input {
	call.Fields = map[string]string{}
	if a.target != "" {
		call.Action, _ = strings.CutPrefix(r.Header.Get("X-Amz-Target"), a.target)
		var fields map[string]json.RawMessage
		_ = json.Unmarshal(body, &fields) // the action says what is wrong with it
		for name, value := range fields {
			text := string(value)
			_ = json.Unmarshal(value, &text) // what isn't a string stays as JSON
			call.Fields[name] = text
		}
		return input{json: body}
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || r.Header.Get("Content-Type") == "" {
		form = url.Values{}
	}
	for name := range form {
		call.Fields[name] = form.Get(name)
	}
	call.Action = form.Get("Action")
	return input{form: form}
}

// write sends the answer, in the shape of this API.
func (a api) write(wr http.ResponseWriter, action string, value any, failed *failure) {
	id := strings.ToLower(rand.Text())
	wr.Header().Set("X-Amzn-Requestid", id)
	if a.target != "" {
		wr.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if failed != nil {
			value = map[string]string{"__type": failed.code, "message": failed.message}
			wr.WriteHeader(failed.status)
		}
		_ = json.NewEncoder(wr).Encode(value) // the machine hung up if it can't be written
		return
	}
	wr.Header().Set("Content-Type", "text/xml")
	space := "http://" + a.service + ".amazonaws.com/doc/" + a.version + "/"
	if failed != nil {
		wr.WriteHeader(failed.status)
		writeXML(wr, errorResponse{Space: space, Type: "Sender", Code: failed.code, Message: failed.message, ID: id})
		return
	}
	var result bytes.Buffer
	if value != nil {
		_ = xml.NewEncoder(&result).EncodeElement(value, xml.StartElement{Name: xml.Name{Local: action + "Result"}})
	}
	writeXML(wr, queryResponse{XMLName: xml.Name{Local: action + "Response"}, Space: space, Result: result.Bytes(), ID: id})
}

type errorResponse struct {
	XMLName xml.Name `xml:"ErrorResponse"`
	Space   string   `xml:"xmlns,attr"`
	Type    string   `xml:"Error>Type"`
	Code    string   `xml:"Error>Code"`
	Message string   `xml:"Error>Message"`
	ID      string   `xml:"RequestId"`
}

type queryResponse struct {
	XMLName xml.Name
	Space   string `xml:"xmlns,attr"`
	Result  []byte `xml:",innerxml"`
	ID      string `xml:"ResponseMetadata>RequestId"`
}

func writeXML(w io.Writer, value any) {
	_ = xml.NewEncoder(w).Encode(value) // the machine hung up if it can't be written
}
