// Keeps a fault of one screen from taking the frame down, and says what can be done.
import { Component, type ReactNode } from 'react';
import { AppError, isAppError } from '#shared/errors';
import { ErrorNote } from '../ui/ErrorNote.tsx';

// React offers error boundaries only as classes.
export class ErrorBoundary extends Component<{ readonly resetKey: string; readonly children: ReactNode }, { readonly error: Error | null }> {
  override state: { readonly error: Error | null } = { error: null };
  static getDerivedStateFromError(error: Error) { return { error }; }
  override componentDidUpdate(before: { readonly resetKey: string }) { if (before.resetKey !== this.props.resetKey && this.state.error) this.setState({ error: null }); }
  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    const shown = isAppError(error) ? error : new AppError('INTERNAL', 'This screen ran into a fault and was stopped; the rest of Millwright and all tasks go on.', { hint: 'Open the screen again. If it happens again, copy the details and report them.' });
    return <ErrorNote error={shown} onRetry={() => this.setState({ error: null })} retryLabel="Open again" details={`${error.name}: ${error.message}\n${error.stack ?? ''}`} />;
  }
}
