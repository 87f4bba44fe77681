package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/korakagazindia/provisioner/internal/loopback"
)

// Client speaks to an emulator beside the AWS APIs: it decides how machines behave, and which calls fail. Each of its
// calls fails when the emulator does not answer, or refuses, with what it said.
type Client struct {
	// URL is where the emulator answers, AWS's APIs too: http://localhost:PORT.
	URL string
}

// Fault makes calls of CloudFormation to one resource fail.
type Fault struct {
	// Operation is create, update, delete or import.
	Operation string `json:"operation"`
	// LogicalID is the resource's id in the template.
	LogicalID string `json:"logicalId"`
	// When is before, if the call takes no effect, or after, if it does.
	When string `json:"when"`
	// Times is how many calls fail; those that have failed are taken off.
	Times int `json:"times"`
}

// Machines is how servers and nodes report, none of which boots.
type Machines struct {
	// DelaySeconds is the time from their launch to their report.
	DelaySeconds float64 `json:"delaySeconds"`
	// Outcome is success, failure, or none for no report at all.
	Outcome string `json:"outcome"`
	// Resource is Server or Fleet, "" for both.
	Resource string `json:"resource"`
	// Count is how many of the next machines this is for, 0 for all.
	Count int `json:"count"`
}

// Boot is what became of a machine that was started.
type Boot struct {
	// Health is starting until the delay of its report is over, then healthy or unhealthy.
	Health string `json:"health"`
	// Serves is the commit that it has proven to serve, "" for none yet.
	Serves string `json:"serves"`
	// Aside is whether it was terminated when no balancer led to it any more.
	Aside bool `json:"aside"`
}

// Associations is how runs of Systems Manager's associations end.
type Associations struct {
	// Outcome is success or failed.
	Outcome string `json:"outcome"`
	// DelaySeconds is how long a run takes.
	DelaySeconds float64 `json:"delaySeconds"`
	// Count is how many of the next runs this is for, 0 for all.
	Count int `json:"count"`
}

// Command is what a machine answers to Run Command. Without one it finds no shell: no machine boots in the emulator.
type Command struct {
	// Instance is the machine's id, "" for any.
	Instance string `json:"instance"`
	// Output and Error are what it writes.
	Output string `json:"output"`
	Error  string `json:"error"`
	// Code is the exit code that it ends with.
	Code int `json:"code"`
}

// Models is what AWS does where nobody knows it, or where accounts differ; docs/emulator.md says what is known of each. ""
// and 0 are the default, which is the strictest.
type Models struct {
	// HeldAddress is what becomes of the create of an association whose address is held: refuse; foresee, where its change
	// set fails already; or move, at once.
	HeldAddress string `json:"heldAddress"`
	// LiveRecord is what becomes of the create of a record that exists: refuse, foresee, or take, if it is identical.
	LiveRecord string `json:"liveRecord"`
	// TakenName is where a physical name that exists is refused: foresee, by early validation; or refuse, by the create.
	TakenName string `json:"takenName"`
	// AssociationRollback is what a rollback does for an association that was deleted before its successor failed: lose or
	// restore.
	AssociationRollback string `json:"associationRollback"`
	// AfterImport is the update that follows an import: reset, where what the template does not state is reset; or tag, where
	// CloudFormation sets its own tags and no more.
	AfterImport string `json:"afterImport"`
	// RecordIdentifier is what identifies a simple record in an import besides zone, name and type: none, so that nothing
	// fits; dash; or absent, where there is no such part.
	RecordIdentifier string `json:"recordIdentifier"`
	// NotImportable are types that the account says cannot be imported.
	NotImportable []string `json:"notImportable"`
	// ScalingRole is whether the account has the service-linked role of Auto Scaling: there; or missing, so that the first
	// group fails once.
	ScalingRole string `json:"scalingRole"`
	// Caller is whose the credentials are: user, an IAM user's; or root, the account's root user's.
	Caller string `json:"caller"`
	// ImageOutcome is how an image ends that is made: available; or failed.
	ImageOutcome string `json:"imageOutcome"`
	// ImageSeconds is how long an image or a snapshot is pending.
	ImageSeconds float64 `json:"imageSeconds"`
	// CopyBoots is what becomes of a machine that is made of an image of the account's own: well; silent, where its agent never
	// answers; impaired, where its own status check fails besides; or host, where that of what it runs on fails too.
	CopyBoots string `json:"copyBoots"`
	// EndSeconds is how long a machine that somebody ends is shutting down.
	EndSeconds float64 `json:"endSeconds"`
	// SnapshotsFreedSeconds is for how long a snapshot is in use after its image was deregistered.
	SnapshotsFreedSeconds float64 `json:"snapshotsFreedSeconds"`
	// Quotas are the account's by their codes, such as L-1216C47A for running vCPUs, where they are not those of an account
	// that has grown.
	Quotas map[string]int `json:"quotas"`
	// AppliedQuotas is what Service Quotas knows of them: there; or missing, so that it tells AWS's defaults alone.
	AppliedQuotas string `json:"appliedQuotas"`
}

// Healthy returns an error while the emulator does not answer.
func (c *Client) Healthy(ctx context.Context) error {
	return c.call(ctx, http.MethodGet, "/_ministack/health", nil, nil)
}

// Reset empties the emulator: what was in it is gone, and machines behave as they do by default.
func (c *Client) Reset(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, "/_ministack/reset", nil, nil)
}

// Fault adds a fault.
func (c *Client) Fault(ctx context.Context, fault Fault) error {
	return c.call(ctx, http.MethodPost, "/_kora/faults", fault, nil)
}

// Faults lists the faults that no call has met yet.
func (c *Client) Faults(ctx context.Context) ([]Fault, error) {
	var pending []Fault
	err := c.call(ctx, http.MethodGet, "/_kora/faults", nil, &pending)
	return pending, err
}

// ClearFaults takes all faults back.
func (c *Client) ClearFaults(ctx context.Context) error {
	return c.call(ctx, http.MethodDelete, "/_kora/faults", nil, nil)
}

// SetMachines decides how machines report from now on.
func (c *Client) SetMachines(ctx context.Context, machines Machines) error {
	return c.call(ctx, http.MethodPost, "/_kora/machines", machines, nil)
}

// Awaited lists what was said of a number of machines of which some have not started yet.
func (c *Client) Awaited(ctx context.Context) ([]Machines, error) {
	var awaited []Machines
	err := c.call(ctx, http.MethodGet, "/_kora/machines", nil, &awaited)
	return awaited, err
}

// Boots are the machines that CloudFormation or a fleet started, by id.
func (c *Client) Boots(ctx context.Context) (map[string]Boot, error) {
	var boots map[string]Boot
	err := c.call(ctx, http.MethodGet, "/_kora/boots", nil, &boots)
	return boots, err
}

// SetAssociations decides how associations end from now on.
func (c *Client) SetAssociations(ctx context.Context, associations Associations) error {
	return c.call(ctx, http.MethodPost, "/_kora/associations", associations, nil)
}

// SetCommand decides what a machine answers to Run Command from now on.
func (c *Client) SetCommand(ctx context.Context, command Command) error {
	return c.call(ctx, http.MethodPost, "/_kora/commands", command, nil)
}

// SetModels decides how AWS answers from now on, until the next Reset.
func (c *Client) SetModels(ctx context.Context, models Models) error {
	return c.call(ctx, http.MethodPost, "/_kora/models", models, nil)
}

// Deny denies the caller these actions, such as ec2:StopInstances, and no others: over the wire, and to CloudFormation, which
// acts with the caller's rights.
func (c *Client) Deny(ctx context.Context, actions ...string) error {
	return c.call(ctx, http.MethodPost, "/_kora/denied", map[string][]string{"actions": append([]string{}, actions...)}, nil)
}

// IssueCertificate validates the certificates of a domain that wait to be, without their records. That none waits is an
// error.
func (c *Client) IssueCertificate(ctx context.Context, domain string) error {
	return c.call(ctx, http.MethodPost, "/_kora/certificates", map[string]string{"domain": domain}, nil)
}

// TakeSnapshots lets every lifecycle policy do what it does once a day.
func (c *Client) TakeSnapshots(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, "/_kora/snapshots", map[string]string{}, nil)
}

// SkipTime lets that much time have passed for all that waits in the emulator: timeouts, cooldowns, delays.
func (c *Client) SkipTime(ctx context.Context, skipped time.Duration) error {
	return c.call(ctx, http.MethodPost, "/_kora/clock", map[string]float64{"advanceSeconds": skipped.Seconds()}, nil)
}

// Halt is a state in the middle of an operation that users would meet, in which it stands still.
type Halt struct {
	// Number is 0 for none.
	Number int `json:"number"`
	// At is what has just happened, such as "update Record".
	At string `json:"at"`
}

// HaltAt lets operations stand still at each state that follows from one on a resource of these types, until the next Reset or
// another HaltAt; NextHalt lets them go on. Without a type they never do.
func (c *Client) HaltAt(ctx context.Context, types ...string) error {
	return c.call(ctx, http.MethodPost, "/_kora/halts", map[string][]string{"types": append([]string{}, types...)}, nil)
}

// NextHalt lets an operation go on from a halt, 0 for none, and waits for the next, up to a second.
func (c *Client) NextHalt(ctx context.Context, after int) (Halt, error) {
	var next Halt
	err := c.call(ctx, http.MethodPost, "/_kora/halts/next", map[string]int{"after": after}, &next)
	return next, err
}

// checkpoint is what the emulator calls a state that it can go back to.
type checkpoint struct {
	ID string `json:"id"`
}

// Checkpoint keeps the emulator's state and returns the id to restore it by, as often as needed.
func (c *Client) Checkpoint(ctx context.Context) (string, error) {
	var kept checkpoint
	err := c.call(ctx, http.MethodPost, "/_kora/checkpoint", nil, &kept)
	return kept.ID, err
}

// Restore puts the emulator back to a checkpoint.
func (c *Client) Restore(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodPost, "/_kora/restore", checkpoint{id}, nil)
}

// call sends input, nil for nothing, and reads the answer into output, nil for what it says does not matter.
func (c *Client) call(ctx context.Context, method, path string, input, output any) error {
	var body bytes.Buffer
	if input != nil {
		if err := json.NewEncoder(&body).Encode(input); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.URL+path, &body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := loopback.HTTPClient().Do(request)
	if err != nil {
		return fmt.Errorf("emulator: %w", err)
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return fmt.Errorf("emulator: %s %s: %w", method, path, err)
	case response.StatusCode >= 300:
		return fmt.Errorf("emulator: %s %s: %s: %s", method, path, response.Status, strings.TrimSpace(string(said)))
	case output == nil:
		return nil
	}
	if err := json.Unmarshal(said, output); err != nil {
		return fmt.Errorf("emulator: %s %s: %w", method, path, err)
	}
	return nil
}
