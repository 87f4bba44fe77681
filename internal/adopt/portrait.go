package adopt

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"

	"github.com/korakagazindia/provisioner/internal/adopted"
)

// Portrait is a server as it was before anything was done to it. User data is in it by its hash alone.
type Portrait struct {
	Taken   time.Time `json:"taken"`
	Account string    `json:"account"`
	Region  string    `json:"region"`

	adopted.Server
	Launched     time.Time `json:"launched"`
	Type         string    `json:"type"`
	Zone         string    `json:"zone"`
	SubnetID     string    `json:"subnetId"`
	PrivateIP    string    `json:"privateIp"`
	KeyName      string    `json:"keyName"`
	GroupIDs     []string  `json:"groupIds"`
	ProfileARN   string    `json:"profileArn"`
	UserDataHash string    `json:"userDataSha256"`
	Volumes      []Volume  `json:"volumes"`
	Address      Address   `json:"address"`
	Record       *Record   `json:"record"`
	Site         Site      `json:"site"`
}

// Site is what users find under the domain's name, asked from here.
type Site struct {
	// Addresses are what the name resolves to, none where nobody asked, or nobody answered.
	Addresses []string `json:"addresses"`
	// Status is HTTP's answer to the health check's path, 0 for none.
	Status int `json:"status"`
}

// NewPortrait is the server as the facts have it.
func NewPortrait(f *Facts, site Site, now time.Time) *Portrait {
	s := f.Server
	own := s.Server
	own.AssociationID, own.More = f.Address.AssociationID, maps.Clone(s.More)
	delete(own.More, "UserData")
	return &Portrait{
		Taken: now.UTC(), Account: f.Caller.Account, Region: f.Region, Server: own, Launched: s.Launched.UTC(), Type: s.Type, Zone: s.Zone,
		SubnetID: s.SubnetID, PrivateIP: s.PrivateIP, KeyName: s.KeyName, GroupIDs: s.GroupIDs, ProfileARN: s.ProfileARN,
		UserDataHash: s.UserDataHash, Volumes: s.Volumes, Address: f.Address, Record: f.Record, Site: site,
	}
}

// portraitOf is where a server's portrait is kept, below the project's folder.
func portraitOf(root, instanceID string) string {
	return filepath.Join(root, "build", "adopt", instanceID+".json")
}

// Keep writes a portrait where Load finds it, readable to its owner alone. One that is there already stays: it is of the server
// before anything was done.
func (p *Portrait) Keep(root string) error {
	path := portraitOf(root, p.InstanceID)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	return renameio.WriteFile(path, append(text, '\n'), 0o600)
}

// LoadPortrait reads the portrait of a server of the project at root. That there is none is an error.
func LoadPortrait(root, instanceID string) (*Portrait, error) {
	path := portraitOf(root, instanceID)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no portrait of %s (%s): kora adopt import makes it, before anything is changed", instanceID, path)
	}
	if err != nil {
		return nil, err
	}
	p := &Portrait{}
	if err := json.Unmarshal(text, p); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}
