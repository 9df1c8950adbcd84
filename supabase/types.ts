// Made by `make types` from the migrations; do not edit.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  "public": {
    Tables: {
      "calendar_calendars": {
        Row: {
          "access": string | null;
          "busy": unknown;
          "busy_days": unknown;
          "calendar_id": string;
          "connection_id": string;
          "covers": unknown;
          "covers_until": string | null;
          "is_primary": boolean;
          "name": string | null;
          "read_at": string | null;
          "reason": string | null;
          "selected": boolean;
          "time_zone": string | null;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "access"?: string | null;
          "busy"?: unknown;
          "busy_days"?: unknown;
          "calendar_id": string;
          "connection_id": string;
          "covers"?: unknown;
          "covers_until"?: never;
          "is_primary"?: boolean;
          "name"?: string | null;
          "read_at"?: string | null;
          "reason"?: string | null;
          "selected"?: boolean;
          "time_zone"?: string | null;
          "user_id": string;
        };
        Update: {
          "access"?: string | null;
          "busy"?: unknown;
          "busy_days"?: unknown;
          "calendar_id"?: string;
          "connection_id"?: string;
          "covers"?: unknown;
          "covers_until"?: never;
          "is_primary"?: boolean;
          "name"?: string | null;
          "read_at"?: string | null;
          "reason"?: string | null;
          "selected"?: boolean;
          "time_zone"?: string | null;
          "user_id"?: string;
        };
        Relationships: [
          {
            foreignKeyName: "calendar_calendars_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "calendar_connection_details";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "calendar_calendars_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: false;
            referencedRelation: "calendar_connections";
            referencedColumns: ["id"];
          },
        ];
      };
      "calendar_connections": {
        Row: {
          "access_token_expires_at": string | null;
          "account_class": string | null;
          "account_id": string | null;
          "account_label": string | null;
          "calendar_id": string;
          "connected_at": string;
          "grant_expires_at": string | null;
          "id": string;
          "kid": string;
          "provider": string;
          "scopes": (string)[];
          "sealed_access_token": string;
          "sealed_refresh_token": string;
          "status": string;
          "token_version": number;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "access_token_expires_at"?: string | null;
          "account_class"?: string | null;
          "account_id"?: string | null;
          "account_label"?: string | null;
          "calendar_id": string;
          "connected_at"?: string;
          "grant_expires_at"?: string | null;
          "id"?: string;
          "kid"?: never;
          "provider": string;
          "scopes": (string)[];
          "sealed_access_token": string;
          "sealed_refresh_token": string;
          "status"?: string;
          "token_version"?: number;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Update: {
          "access_token_expires_at"?: string | null;
          "account_class"?: string | null;
          "account_id"?: string | null;
          "account_label"?: string | null;
          "calendar_id"?: string;
          "connected_at"?: string;
          "grant_expires_at"?: string | null;
          "id"?: string;
          "kid"?: never;
          "provider"?: string;
          "scopes"?: (string)[];
          "sealed_access_token"?: string;
          "sealed_refresh_token"?: string;
          "status"?: string;
          "token_version"?: number;
          "updated_at"?: string;
          "user_id"?: string;
        };
        Relationships: [];
      };
      "calendar_oauth_states": {
        Row: {
          "connection_id": string | null;
          "expires_at": string;
          "provider": string;
          "sealed_verifier": string;
          "state_hash": string;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "connection_id"?: string | null;
          "expires_at"?: string;
          "provider": string;
          "sealed_verifier": string;
          "state_hash": string;
          "user_id"?: string;
        };
        Update: {
          "connection_id"?: string | null;
          "expires_at"?: string;
          "provider"?: string;
          "sealed_verifier"?: string;
          "state_hash"?: string;
          "user_id"?: string;
        };
        Relationships: [];
      };
      "calendar_settings": {
        Row: {
          "max_actions": number | null;
          "min_block_minutes": number | null;
          "minutes_per_action": number | null;
          "reserve_percent": number | null;
          "tentative_counts": boolean | null;
          "time_zone": string | null;
          "user_id": string;
          "working_hours": unknown;
        };
        ComputedFields: never;
        Insert: {
          "max_actions"?: number | null;
          "min_block_minutes"?: number | null;
          "minutes_per_action"?: number | null;
          "reserve_percent"?: number | null;
          "tentative_counts"?: boolean | null;
          "time_zone"?: string | null;
          "user_id"?: string;
          "working_hours"?: unknown;
        };
        Update: {
          "max_actions"?: number | null;
          "min_block_minutes"?: number | null;
          "minutes_per_action"?: number | null;
          "reserve_percent"?: number | null;
          "tentative_counts"?: boolean | null;
          "time_zone"?: string | null;
          "user_id"?: string;
          "working_hours"?: unknown;
        };
        Relationships: [];
      };
      "calendar_sync_logs": {
        Row: {
          "at": string;
          "connection_id": string | null;
          "event": string;
          "http_status": number | null;
          "id": number;
          "provider": string | null;
          "provider_request_id": string | null;
          "reason": string | null;
          "user_id": string;
        };
        ComputedFields: never;
        Insert: {
          "at"?: string;
          "connection_id"?: string | null;
          "event": string;
          "http_status"?: number | null;
          "id"?: never;
          "provider"?: string | null;
          "provider_request_id"?: string | null;
          "reason"?: string | null;
          "user_id": string;
        };
        Update: {
          "at"?: string;
          "connection_id"?: string | null;
          "event"?: string;
          "http_status"?: number | null;
          "id"?: never;
          "provider"?: string | null;
          "provider_request_id"?: string | null;
          "reason"?: string | null;
          "user_id"?: string;
        };
        Relationships: [];
      };
      "calendar_sync_states": {
        Row: {
          "connection_id": string;
          "due_at": string;
          "failing_since": string | null;
          "failures": number;
          "fence": number;
          "flipped_at": string | null;
          "last_ok_at": string | null;
          "last_seen_at": string | null;
          "leased_until": string | null;
          "listed_at": string | null;
          "marked": boolean;
          "provider": string;
          "reason": string | null;
          "strikes": number;
          "struck_at": string | null;
          "tried_at": string | null;
          "unsettled": number;
          "user_id": string;
          "verified_account": string | null;
        };
        ComputedFields: never;
        Insert: {
          "connection_id": string;
          "due_at"?: string;
          "failing_since"?: string | null;
          "failures"?: number;
          "fence"?: number;
          "flipped_at"?: string | null;
          "last_ok_at"?: string | null;
          "last_seen_at"?: string | null;
          "leased_until"?: string | null;
          "listed_at"?: string | null;
          "marked"?: boolean;
          "provider": string;
          "reason"?: string | null;
          "strikes"?: number;
          "struck_at"?: string | null;
          "tried_at"?: string | null;
          "unsettled"?: number;
          "user_id": string;
          "verified_account"?: string | null;
        };
        Update: {
          "connection_id"?: string;
          "due_at"?: string;
          "failing_since"?: string | null;
          "failures"?: number;
          "fence"?: number;
          "flipped_at"?: string | null;
          "last_ok_at"?: string | null;
          "last_seen_at"?: string | null;
          "leased_until"?: string | null;
          "listed_at"?: string | null;
          "marked"?: boolean;
          "provider"?: string;
          "reason"?: string | null;
          "strikes"?: number;
          "struck_at"?: string | null;
          "tried_at"?: string | null;
          "unsettled"?: number;
          "user_id"?: string;
          "verified_account"?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: "calendar_sync_states_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: true;
            referencedRelation: "calendar_connection_details";
            referencedColumns: ["id"];
          },
          {
            foreignKeyName: "calendar_sync_states_connection_id_fkey";
            columns: ["connection_id"];
            isOneToOne: true;
            referencedRelation: "calendar_connections";
            referencedColumns: ["id"];
          },
        ];
      };
      "users": {
        Row: {
          "calendar_connected": boolean;
          "created_at": string;
          "id": string;
        };
        ComputedFields: never;
        Insert: {
          "calendar_connected"?: boolean;
          "created_at"?: string;
          "id": string;
        };
        Update: {
          "calendar_connected"?: boolean;
          "created_at"?: string;
          "id"?: string;
        };
        Relationships: [];
      };
    };
    Views: {
      "calendar_busy_times": {
        Row: {
          "all_day": boolean | null;
          "calendar_id": string | null;
          "connection_id": string | null;
          "ends_at": string | null;
          "starts_at": string | null;
          "user_id": string | null;
        };
        ComputedFields: never;
        Relationships: [];
      };
      "calendar_connection_details": {
        Row: {
          "access_token_expires_at": string | null;
          "account_class": string | null;
          "account_id": string | null;
          "account_label": string | null;
          "calendar_id": string;
          "connected_at": string;
          "failing_since": string | null;
          "grant_expires_at": string | null;
          "id": string;
          "last_error_code": string | null;
          "last_sync_at": string | null;
          "needs_reconnect": boolean | null;
          "next_sync_at": string | null;
          "provider": string;
          "reason": string | null;
          "scopes": (string)[];
          "status": string;
          "updated_at": string;
          "user_id": string;
        };
        ComputedFields: never;
        Relationships: [];
      };
    };
    Functions: {
      "calendar_disconnect": {
        Args: { "p_connection_id"?: string; "p_provider"?: string; "p_user_id": string };
        Returns: Json;
      };
      "calendar_open_state": {
        Args: {
          "p_connection_id"?: string;
          "p_provider": string;
          "p_sealed_verifier": string;
          "p_state_hash": string;
          "p_user_id": string;
        };
        Returns: Json;
      };
      "calendar_refresh_mine": { Args: { "p_user_id": string }; Returns: Json };
      "calendar_save_connection": {
        Args: {
          "p_account_class": string;
          "p_account_id": string;
          "p_account_label": string;
          "p_account_limit": number;
          "p_connection_id": string;
          "p_expires_in": number;
          "p_grant_expires_in": number;
          "p_provider": string;
          "p_scopes": (string)[];
          "p_sealed_access_token": string;
          "p_sealed_refresh_token": string;
          "p_user_id": string;
        };
        Returns: Json;
      };
      "calendar_status": { Args: { "p_user_id": string }; Returns: Json };
      "calendar_sync_claim": { Args: { "p": Json }; Returns: Json };
      "calendar_sync_report": { Args: { "p": Json }; Returns: Json };
      "calendar_sync_settle": { Args: { "p": Json }; Returns: Json };
      "calendar_take_state": {
        Args: { "p_state_hash": string; "p_user_id": string };
        Returns: Json;
      };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof (
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
      & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
    )
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals } ? (
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    & DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"]
  )[TableName] extends {
    Row: infer R;
  } ? R
  : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R;
    } ? R
    : never
  : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Insert: infer I;
    } ? I
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I;
    } ? I
    : never
  : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends
    {
      Update: infer U;
    } ? U
  : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U;
    } ? U
    : never
  : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  } ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][
    CompositeTypeName
  ]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never;

export const Constants = {
  "public": {
    Enums: {},
  },
} as const;
