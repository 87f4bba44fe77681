//go:build linux

package world

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"
)

// agentSocket is where the agent in the machine listens.
const agentSocket = "/run/agent"

// command runs argv in the machine, as root and by its agent, and returns the exit code. The end of ctx kills it.
func (c *container) command(ctx context.Context, output io.Writer, argv ...string) (int, error) {
	conn, err := c.dialAgent()
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	read, write, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer read.Close()
	text, err := json.Marshal(argv)
	if err == nil {
		_, _, err = conn.WriteMsgUnix(text, syscall.UnixRights(int(write.Fd())), nil)
	}
	write.Close()
	if err != nil {
		return 0, fmt.Errorf("telling the agent: %w", err)
	}
	copied := make(chan struct{})
	go func() {
		defer close(copied)
		_, _ = io.Copy(output, read) // as much as there is until the deadline
	}()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	answer := make([]byte, 16)
	n, err := conn.Read(answer)
	// A daemon that the command left behind may hold the output.
	_ = read.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	<-copied
	if err != nil || n == 0 {
		return 0, errors.New("the command has not ended by itself")
	}
	return strconv.Atoi(string(answer[:n]))
}

// dialAgent connects to the agent through the machine's own file system.
func (c *container) dialAgent() (*net.UnixConn, error) {
	c.mutex.Lock()
	leader := c.leader
	c.mutex.Unlock()
	if leader == 0 {
		return nil, errOff
	}
	path := fmt.Sprintf("/proc/%d/root%s", leader, agentSocket)
	return net.DialUnix("unixpacket", nil, &net.UnixAddr{Name: path, Net: "unixpacket"})
}
