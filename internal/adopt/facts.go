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
	Taken []string
}

// Caller is who asks.
type Caller struct{ Account, ARN string }

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
	Stack        string   // that holds it by CloudFormation's tag; "" for none
	Odd          []string // what is not ours to adopt, in words: "is a spot instance", "belongs to the Auto Scaling group x"
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
