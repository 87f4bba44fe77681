//go:build linux

package world

import (
	"encoding/json"
	"time"

	"github.com/korakagazindia/provisioner/test/policy"
)

// State is what the world is like: everything outside of the machine that a test may want otherwise. A test changes it
// while the machine runs.
type State struct {
	Clock time.Duration // how far AWS's clock is ahead of the machine's

	Metadata     Metadata
	Known        Credentials          // what AWS knows of the instance's role
	Policy       policy.Policy        // what the role may do
	Parameters   map[string]Parameter // by full name
	Stacks       map[string]Stack     // by name
	TargetGroups map[string]Target    // by ARN: how the balancer checks this machine
	Git          Git
	Names        map[string]string // addresses of names, separated by spaces, which may be public ones
	Public       map[string]string // by public address: the one that it leads to, which may be the machine's
	OneWay       bool              // the machine does not reach itself by its public address: what it sends there is lost
	Faults       map[string]Fault  // by service: metadata, ssm, cloudformation, elasticloadbalancing, git, npm, deb, node, names
	Firewall     []Rule            // what of the machine is reachable; nil: everything
}

// Metadata is what the instance metadata service tells.
type Metadata struct {
	InstanceID, Region, Zone, Role string

	PublicIPv4 string // what is still told of the public address; "": what State.Public says

	Handed   Credentials // handed out for Role
	RoleLate int         // so many first questions for the role are answered 404, as when a role has just been attached
}

// Credentials are those of a role.
type Credentials struct{ ID, Secret, Token string }

// Parameter is one of Parameter Store's.
type Parameter struct {
	Value  string
	Secure bool // a SecureString: only a call WithDecryption reads it
}

// Stack is one that may be signaled.
type Stack struct {
	Status    string   // CREATE_IN_PROGRESS if empty
	Resources []string // logical ids
}

// Target is how the balancer checks the machine.
type Target struct {
	Port     int
	Path     string
	Interval time.Duration // 1 s if 0
	Timeout  time.Duration // 1 s if 0
	Healthy  int           // so many successes in a row make it healthy, 1 if 0
	Failed   int           // so many failures in a row make it unhealthy, 2 if 0
	Pinned   string        // the state that is told whatever the checks say: "initial", "unhealthy"
}

// Git is the git server: bare repositories by name, served as http://git.test/NAME.git.
type Git struct {
	Repositories   map[string]string // folders outside of the machine
	User, Password string            // demanded if set
}

// Fault is how a service fails.
type Fault struct {
	Refuse bool          // nothing listens
	Hang   bool          // takes the request and never answers
	Status int           // answers so, with no more than a line
	Delay  time.Duration // before each answer
	First  int           // Hang and Status hold for the first requests only; 0: for all
	Path   string        // Hang, Status and Delay hold for paths that start so
}

// Rule lets traffic to a TCP port of the machine in.
type Rule struct {
	Port int
	From string // an address, "" for anywhere
}

// Call is one request to a service.
type Call struct {
	Time    time.Time
	Service string
	From    string // the address
	Method  string
	Path    string
	Action  string            // of AWS's APIs
	Fields  map[string]string // of AWS's APIs: lists and numbers as JSON
	Status  int
	Code    string // AWS's error code
}

// Signal is one that CloudFormation took.
type Signal struct {
	Time                              time.Time
	Stack, Resource, UniqueID, Status string
}

// Result is how the user data ended.
type Result struct {
	Code         int
	Began, Ended time.Time
}

// UnmarshalJSON reads what the machine's own shell script wrote: seconds since 1970.
func (r *Result) UnmarshalJSON(text []byte) error {
	var written struct {
		Code         int
		Began, Ended float64
	}
	if err := json.Unmarshal(text, &written); err != nil {
		return err
	}
	at := func(seconds float64) time.Time { return time.UnixMicro(int64(seconds * 1e6)) }
	*r = Result{written.Code, at(written.Began), at(written.Ended)}
	return nil
}

// machine is where the machine is, for what IAM is asked.
func (s State) machine() policy.Machine {
	return policy.Machine{Region: s.Metadata.Region, Account: account}
}

// Config is what a world is made with, and stays as it is.
type Config struct {
	Base     string // the folder of the base root
	Image    string // what images of other machines added, folders with colons between, the upper first; "" for none
	Shelves  map[string]string
	CA, Key  string // PEM files of the rig's certificate authority
	Scratch  string // an empty folder, removed at the end
	Group    string // the name of its control groups
	Disk     int64  // bytes
	Memory   int64  // bytes, 0 for no limit
	UserData string
	Files    []File
	State    State
}

// File is a file of the machine's disk.
type File struct {
	Path    string
	Content []byte
	Mode    uint32 // 0644 if 0
	Owner   int    // user and group, 0 for root, Ubuntu for the user ubuntu
}

// Ubuntu is the id of the user ubuntu and its group.
const Ubuntu = 1000
