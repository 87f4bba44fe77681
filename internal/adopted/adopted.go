// Package adopted is what cdk.json says of a server that was there before the stack: the value of the key adoptedServer.
package adopted

// Server is what an adopted server is by birth, as it was read from the account. Every template states it, the import's and all
// later ones: one that said something else would replace the server, or stop it.
type Server struct {
	InstanceID    string `json:"instanceId"`
	AssociationID string `json:"associationId"` // "" where the association is left out of the stack
	ImageID       string `json:"imageId"`
	RootDevice    Disk   `json:"rootDevice"`
	// Metadata are MetadataOptions as CloudFormation has them: HttpTokens, HttpPutResponseHopLimit, HttpEndpoint.
	Metadata map[string]any `json:"metadata"`
	// Tags are all the server's own: without those that AWS gave it, which begin with aws:.
	Tags map[string]string `json:"tags"`
	// More are further properties of AWS::EC2::Instance that are not at their defaults, by CloudFormation's names: those of the
	// list Further. UserData is as EC2 tells it, in base64.
	More map[string]any `json:"more,omitempty"`
}

// Disk is the root device.
type Disk struct {
	Name                string `json:"name"`
	GiB                 int    `json:"gib"`
	Type                string `json:"type"`
	Encrypted           bool   `json:"encrypted"`
	DeleteOnTermination bool   `json:"deleteOnTermination"`
	IOPS                int    `json:"iops,omitempty"`       // where the type lets one choose them and they are not its default
	Throughput          int    `json:"throughput,omitempty"` // likewise
}

// Further are the properties that Server.More may hold.
var Further = []string{"CreditSpecification", "DisableApiTermination", "EbsOptimized", "InstanceInitiatedShutdownBehavior",
	"Monitoring", "SourceDestCheck", "UserData"}
