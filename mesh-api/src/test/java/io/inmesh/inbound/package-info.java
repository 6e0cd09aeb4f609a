/** The server side without I/O: connections are facts, requests live on a loop that runs by hand. */
@org.jspecify.annotations.NullMarked
package io.inmesh.inbound;
