// The harness runs Linux processes and namespaces.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

// Most tests wait for real servers, not for the processor.
[assembly: Xunit.v3.Parallelization(MaxThreads = 6)]
