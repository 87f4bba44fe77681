// Package adopt brings the server that already runs into the stack: it reads the account, and imports.
package adopt

import (
	"time"

	"github.com/korakagazindia/provisioner/internal/account"
	"github.com/korakagazindia/provisioner/internal/adopted"
)

// Facts are what stands in the account, as far as it bears on one server. Reading them writes nothing.
type Facts struct {
	Region string
	// Caller is who asks: the account's number and the ARN.
	Caller  Caller
	Server  Server
	Address Address
	// Record is the domain's, nil where there is none or no zone that holds it.
	Record *Record
	// Stack is the backend's own, nil where there is none; Holds maps its logical ids to physical ones.
	Stack *account.Stack
	Holds map[string]string
	// Importable are the types that the account can import, with the names of their identifiers (GetTemplateSummary).
	Importable map[string][]string
	// Taken are names of ours that something else in the account has already: alarms, balancers, parameters, documents.
	Taken []Taken
	Around
	// Unknown is what could not be read: of that, nothing is known, which is not the same as well.
	Unknown []Unknown
}

// Taken is a name of ours that something else has.
type Taken struct {
	Kind, Name string // alarm, high-cpu-kora
}

// Unknown is something that whoever asks may not read.
type Unknown struct {
	What string // such as: the server's attributes
	Why  string // AWS's answer
	// Needed says that nothing can be decided about the server without it.
	Needed bool
}

// Around is what the server stands in.
type Around struct {
	// Agent is Systems Manager's on the server, nil where it knows none; ManagesAll says that it needs no role for that.
	Agent      *account.Agent
	ManagesAll bool
	// Tokenless is how many times in 14 days the server's metadata was asked for without a token (IMDSv1).
	Tokenless float64
	KeyPair   bool // whether the server's key pair still exists in the account
	// Groups are those of the server's VPC, by id.
	Groups       map[string]account.Group
	Subnets      []account.Subnet
	Offered      map[string][]string // zones, by instance type
	Zones        []Zone
	Certificates []account.Certificate
	Databases    []account.Database
	// Rights are those that the server's profile gives, nil without one.
	Rights *account.Rights
}

// Zone is a hosted zone that the domain's name may be in, and what it has under that name.
type Zone struct {
	account.Zone
	Sets []account.RecordSet
}

// Caller is who asks.
type Caller account.Caller

// Root reports whether it is the account's root user, whom no policy binds.
func (c Caller) Root() bool { return c.ARN == "arn:aws:iam::"+c.Account+":root" }

// Server is the running server: what cdk.json is to say of it, and what else EC2 tells.
type Server struct {
	adopted.Server
	State        string // as EC2 has it: running
	Launched     time.Time
	Type         string // t2.micro
	Architecture string
	ImageName    string // "" where the image is gone
	Zone         string
	SubnetID     string
	VpcID        string
	PrivateIP    string
	KeyName      string
	GroupIDs     []string // in the server's order
	ProfileARN   string   // "" for none
	UserDataHash string   // SHA-256, in hexadecimal; "" for none
	RootType     string   // ebs or instance-store
	Volumes      []Volume
	Interfaces   int      // network interfaces
	PrivateIPs   int      // of all interfaces
	IPv6         int      // of all interfaces
	Stack        string   // that holds it; "" for none
	Odd          []string // what is not ours to adopt, in words: "is a spot instance", "belongs to the Auto Scaling group x"
	UserData     string   // in base64, as EC2 has it: it may hold secrets, and is in More only where a person wants it there

	// What is read beside the server, until complete puts it in its place.
	raw        account.Server
	attributes *account.Attributes
	credits    string
	disks      []account.Volume
}

// Volume is an attached one.
type Volume struct {
	ID       string
	Device   string
	Attached time.Time
}

// Address is the Elastic IP and who holds it.
type Address struct{ IP, AllocationID, AssociationID, InstanceID string }

// Record is what the zone has under the domain's name.
type Record struct {
	ZoneID, ZoneName string
	Name             string // without the dot at its end
	Type             string
	TTL              int
	Values           []string
	SetIdentifier    string
	Alias            bool
}

// Simple reports whether it is one A record of one value, this address.
func (r *Record) Simple(address string) bool {
	return r.Type == "A" && !r.Alias && r.SetIdentifier == "" && len(r.Values) == 1 && r.Values[0] == address
}
