using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using ThinFuse.Fuse.Dispatch;
using ThinFuse.Fuse.Serving;
using ThinFuse.Fuse.Transport.Uring;
using ThinFuse.Fuse.Wire;

namespace ThinFuse.Fuse.Transport;

/// <summary>Decides between device and io_uring when the kernel has said what it offers, and before it is answered: then the choice is for good.</summary>
internal static class TransportChoice
{
    /// <summary>Answers INIT.</summary>
    /// <returns>What was agreed on, and the transport, not started.</returns>
    /// <exception cref="FuseException">See <see cref="FuseSession.Start"/>.</exception>
    public static (FuseNegotiation Negotiation, IFuseTransport Transport) Negotiate(
        SafeFileHandle device, FuseSessionOptions options, FuseRequestPool requests, FuseDispatcher dispatcher, ILogger logger)
    {
        UringTransport? rings = null;
        try
        {
            FuseNegotiation negotiation = Handshake.Perform(device, options, offered =>
            {
                rings?.Dispose();
                rings = options.Transport == FuseTransportKind.Device ? null : TryPrepare(offered);
                return rings == null ? FuseInitFlags.None : FuseInitFlags.OverIoUring;
            });
            return (negotiation, (IFuseTransport?)rings ?? DeviceTransport.Make(device, null, options, requests, dispatcher, logger));
        }
        catch
        {
            rings?.Dispose();
            throw;
        }

        UringTransport? TryPrepare(FuseInitFlags offered)
        {
            string reason;
            int errno = FuseErrno.EOPNOTSUPP;
            if (!offered.HasFlag(FuseInitFlags.OverIoUring))
            {
                reason = UringRefusal.NotOffered();
            }
            else
            {
                try
                {
                    return new UringTransport(device, options, requests, dispatcher, logger);
                }
                catch (FuseException refusal)
                {
                    errno = refusal.ErrorNumber;
                    reason = UringRefusal.NotPermitted(refusal);
                }
            }

            if (options.Transport == FuseTransportKind.Uring)
            {
                throw new FuseException(errno, reason);
            }

            FuseLog.DeviceInstead(logger, reason);
            return null;
        }
    }
}
